package import Foundation
import Yams

/// `yuyan.yaml`: for each key a value, or a list of them.
package struct ConfigurationFile: Sendable {
    /// What stands behind a key.
    package struct Entry: Sendable {
        let texts: [String], isList: Bool, line: Int
    }

    package let path: String
    private let entries: [String: Entry]

    package init(path: String) throws(ConfigurationError) {
        try self.init(path: path, bytes: YAMLFile.read(path))
    }

    package init(path: String, bytes: Data) throws(ConfigurationError) {
        self.path = path
        entries = try ConfigurationFile.entries(YAMLFile(path: path, bytes: bytes))
        for setting in Settings.all {
            if let entry = entries[setting.key] { try setting.check(entry, in: path) }
        }
    }

    subscript(key: String) -> Entry? { entries[key] }

    func place(_ entry: Entry) -> String { "\(path):\(entry.line)" }
}

// MARK: Reading

extension ConfigurationFile {
    private static func entries(_ file: YAMLFile) throws(ConfigurationError) -> [String: Entry] {
        let path = file.path
        guard let root = file.root, !root.isNull else { return [:] }
        guard let mapping = root.mapping else {
            throw ConfigurationError("\(path):\(root.line)", "settings are lines of the form 'key: value'")
        }
        var entries: [String: Entry] = [:]
        for (key, value) in mapping {
            let place = "\(path):\(key.line)", known = Settings.all.map(\.key)
            guard let name = key.scalar?.string else { throw ConfigurationError(place, "a key is a word") }
            guard known.contains(name) else { throw ConfigurationError(place, unknownKey: name, among: known) }
            entries[name] = try entry(value, of: name, place, line: key.line)
        }
        return entries
    }

    private static func entry(
        _ value: Node,
        of key: String,
        _ place: String,
        line: Int
    ) throws(ConfigurationError) -> Entry {
        guard !value.isNull else {
            throw ConfigurationError(place, "'\(key)' has no value; give one or take the line out")
        }
        if let scalar = value.scalar { return Entry(texts: [scalar.string], isList: false, line: line) }
        let texts = value.sequence?.compactMap { $0.isNull ? nil : $0.scalar?.string }
        guard let texts, texts.count == value.sequence?.count else {
            throw ConfigurationError(place, "'\(key)' must be a value or a list of values")
        }
        return Entry(texts: texts, isList: true, line: line)
    }
}
