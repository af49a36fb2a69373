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

    /// Far more than settings need; what is larger is some other file.
    private static let sizeLimit = 64 << 10
    /// Aliases of aliases multiply, and the parser follows them; so few cannot multiply to much.
    private static let aliasLimit = 4

    package init(path: String) throws(ConfigurationError) {
        try self.init(path: path, bytes: ConfigurationFile.read(path))
    }

    package init(path: String, bytes: Data) throws(ConfigurationError) {
        self.path = path
        guard bytes.count <= Self.sizeLimit else {
            throw ConfigurationError(path, "is larger than 64 KiB: no settings")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            throw ConfigurationError("\(path):\(line + 1)", "is not UTF-8")
        }
        entries = try ConfigurationFile.entries(of: text, path)
        for setting in Settings.all {
            if let entry = entries[setting.key] { try setting.check(entry, in: path) }
        }
    }

    subscript(key: String) -> Entry? { entries[key] }

    func place(_ entry: Entry) -> String { "\(path):\(entry.line)" }
}

// MARK: Reading

extension ConfigurationFile {
    private static func read(_ path: String) throws(ConfigurationError) -> Data {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ConfigurationError(path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        do {
            return try file.read(upToCount: sizeLimit + 1) ?? Data()
        } catch {
            throw ConfigurationError(path, "cannot be read: it is not a file of text")
        }
    }

    private static func entries(of text: String, _ path: String) throws(ConfigurationError) -> [String: Entry] {
        guard aliases(in: text) <= aliasLimit else {
            throw ConfigurationError(path, "has more than \(aliasLimit) words that begin with '*', YAML's aliases")
        }
        guard let root = try document(text, path), !root.isNull else { return [:] }
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

    /// At least as many as there are: those in comments and quotes count too.
    private static func aliases(in text: String) -> Int {
        let before = Set("\n\t []{},:?-".utf8)
        return zip("\n".utf8 + Array(text.utf8), text.utf8).count { before.contains($0) && $1 == UInt8(ascii: "*") }
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

// MARK: YAML

extension ConfigurationFile {
    private static func document(_ text: String, _ path: String) throws(ConfigurationError) -> Node? {
        do {
            return try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch {
            throw ConfigurationError(path, text, error as? YamlError)
        }
    }
}

extension ConfigurationError {
    fileprivate init(_ path: String, _ text: String, _ error: YamlError?) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let story = [context?.text, problem].compactMap { $0 }.joined(separator: ", ")
            let hint = story.contains("alias") ? "; a '*' that is meant as text needs quotes" : ""
            self.init("\(path):\(mark.line)", "is not YAML: \(story)\(hint)")
        case .duplicatedKeysInMapping(let keys, let context):
            self.init("\(path):\(context.mark.line)", "'\(keys.first ?? "")' is given more than once")
        case .reader(let problem, let offset, _, _):
            let line = text.prefix(offset ?? 0).count { $0.isNewline } + 1
            self.init("\(path):\(line)", "is not YAML: \(problem)")
        default:
            self.init(path, "is not YAML")
        }
    }
}

extension Node {
    fileprivate var isNull: Bool { tag == Tag(.null) }

    fileprivate var line: Int { mark?.line ?? 1 }
}
