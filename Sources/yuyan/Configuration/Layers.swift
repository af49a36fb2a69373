import Foundation

/// The places where settings are looked up: flags, variables, the file. Remembers what was found where.
package struct Layers {
    private let environment: [String: String]
    let file: ConfigurationFile?
    /// What was read so far, as `--print-config` shows it.
    private(set) var lines: [[String]] = []

    package init(environment: [String: String], file: ConfigurationFile?) {
        (self.environment, self.file) = (environment.filter { !$0.value.isEmpty }, file)
    }

    mutating func read<Value>(
        _ setting: Setting<Value>,
        flag: Value?,
        default standard: Value
    ) throws(ConfigurationError) -> Value {
        let (value, origin) = try find(setting, flag) ?? (standard, "default")
        lines.append(setting.line(value, from: origin))
        return value
    }

    /// nil where nobody says anything.
    mutating func read<Value>(_ setting: Setting<Value>, flag: Value?) throws(ConfigurationError) -> Value? {
        let found = try find(setting, flag)
        lines.append(setting.line(found?.value, from: found?.origin ?? "default"))
        return found?.value
    }

    mutating func read<Item>(_ setting: Setting<[Item]>, flags: [Item]) throws(ConfigurationError) -> [Item] {
        try read(setting, flag: flags.isEmpty ? nil : flags) ?? []
    }

    private func find<Value>(
        _ setting: Setting<Value>,
        _ flag: Value?
    ) throws(ConfigurationError) -> (value: Value, origin: String)? {
        if let flag { return (flag, "the command line") }
        return if let found = try variable(setting) { found } else { try entry(setting) }
    }

    private func variable<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> (Value, String)? {
        guard let text = environment[setting.variable] else { return nil }
        return (try setting.value(setting.isList ? text.listed : [text], at: setting.variable), setting.variable)
    }

    private func entry<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> (Value, String)? {
        guard let file, let entry = file[setting.key] else { return nil }
        let place = file.place(entry)
        return (try setting.value(entry.texts, at: place), place)
    }
}

extension Setting: AnySetting {
    package func check(_ entry: ConfigurationFile.Entry, in file: String) throws(ConfigurationError) {
        let place = "\(file):\(entry.line)"
        guard isList || !entry.isList else { throw ConfigurationError(place, "\(key) is one value, not a list") }
        _ = try value(entry.texts, at: place)
    }

    fileprivate func value(_ texts: [String], at place: String) throws(ConfigurationError) -> Value {
        do throws(BadValue) { return try read(texts) } catch { throw ConfigurationError(place, self, texts, error) }
    }

    /// YAML that sets it to that value again, and where it was found; what is secret or not set is a comment.
    fileprivate func line(_ value: Value?, from origin: String) -> [String] {
        let texts = value.map(write) ?? []
        let shown = isList ? "[" + texts.map(\.yaml).joined(separator: ", ") + "]" : texts.map(\.yaml).joined()
        if texts.isEmpty { return ["# \(key): \(standard)", "# \(origin)"] }
        return [isSecret ? "# \(key): \(texts.count), not shown" : "\(key): \(shown)", "# \(origin)"]
    }
}

extension String {
    /// What stands between commas.
    fileprivate var listed: [String] { split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }

    /// As a scalar of YAML, in quotes unless it is surely plain.
    fileprivate var yaml: String {
        let isPlain = wholeMatch(of: /[A-Za-z0-9\/][A-Za-z0-9._\/@+-]*/) != nil && lowercased() != "null"
        return isPlain ? self : (try? encoded(self))?.trimmingCharacters(in: .newlines) ?? ""
    }
}
