import Text

/// What is wrong with a run's configuration, and where.
public struct RunConfigurationError: Error, Hashable, CustomStringConvertible {
    /// The key, as `optimizer.rate`.
    public let path: String
    public let problem: String

    public init(_ path: String, _ problem: String) { (self.path, self.problem) = (path, problem) }

    public var description: String { path.isEmpty ? problem : "\(path): \(problem)" }
}

/// A group of settings while it is read: each is asked for once, by name, with what holds where it is absent.
///
/// What was asked for is noted, so that everything that holds can be printed and nothing that stands there is overlooked.
final class ConfigurationSection {
    /// One setting and what holds.
    struct Line: Hashable {
        let key, value: String
        let isDefault: Bool
    }

    let path: String
    private let fields: OrderedObject
    private var known: [String] = []
    private(set) var lines: [Line] = []

    /// - Parameter field: an object, or nothing.
    init(_ field: JSONField) throws {
        path = field.path
        guard let present = field.optional else {
            fields = [:]
            return
        }
        guard let object = present.value?.object else {
            throw RunConfigurationError(path, "should be settings of the form 'key: value'")
        }
        fields = object
    }

    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of a key, or nil where it is absent or null.
    func optional<Value>(_ key: String, _ kind: SettingKind<Value>) throws -> Value? {
        known.append(key)
        guard let json = fields[key], !json.isNull else { return nil }
        guard let value = kind.read(json) else {
            throw RunConfigurationError(place(key), "should be \(kind.expected), not \(json.text().prefix(60))")
        }
        lines.append(Line(key: place(key), value: kind.write(value), isDefault: false))
        return value
    }

    /// The value of a key, or `fallback` where it is absent.
    func value<Value>(_ key: String, _ kind: SettingKind<Value>, default fallback: Value) throws -> Value {
        if let value = try optional(key, kind) { return value }
        lines.append(Line(key: place(key), value: kind.write(fallback), isDefault: true))
        return fallback
    }

    /// The value of a key, or nil, which is then what holds.
    func value<Value>(_ key: String, orNone kind: SettingKind<Value>) throws -> Value? {
        if let value = try optional(key, kind) { return value }
        lines.append(Line(key: place(key), value: "none", isDefault: true))
        return nil
    }

    /// Notes a setting that was worked out from others.
    func note(_ key: String, _ value: String) {
        lines.append(Line(key: place(key), value: value, isDefault: true))
    }

    /// A group within this one, and what it makes of its lines.
    func section<Section>(_ key: String, _ read: (ConfigurationSection) throws -> Section) throws -> Section {
        known.append(key)
        let inner = try ConfigurationSection(JSONField(fields[key], path: place(key)))
        let section = try read(inner)
        try inner.close()
        lines += inner.lines
        return section
    }

    /// Whether a key stands there, with anything but null.
    func has(_ key: String) -> Bool { fields[key].map { !$0.isNull } ?? false }

    /// What stands behind a key, unread.
    func raw(_ key: String) -> JSONField? {
        known.append(key)
        return JSONField(fields[key], path: place(key)).optional
    }

    /// Refuses what nobody asked for.
    func close() throws {
        for key in fields.keys where !known.contains(key) {
            let list = known.sorted().joined(separator: ", ")
            throw RunConfigurationError(place(key), "there is no such setting here; there are \(list)")
        }
    }
}
