package import Foundation
package import Text
import Yams

/// A file of YAML, read with care: of bounded size, UTF-8, without aliases that multiply.
package struct YAMLFile {
    package let path: String
    /// nil where the file says nothing.
    let root: Node?

    /// Far more than settings need; what is larger is some other file.
    private static let sizeLimit = 64 << 10
    /// Aliases of aliases multiply, and the parser follows them; so few cannot multiply to much.
    private static let aliasLimit = 4

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
        guard Self.aliases(in: text) <= Self.aliasLimit else {
            throw ConfigurationError(path, "has more than \(Self.aliasLimit) words that begin with '*', YAML's aliases")
        }
        do { root = try Parser(yaml: text, encoding: .utf8).singleRoot() } catch {
            throw ConfigurationError(path, text, error as? YamlError)
        }
    }

    static func read(_ path: String) throws(ConfigurationError) -> Data {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ConfigurationError(path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        do {
            return try file.read(upToCount: sizeLimit + 1) ?? Data()
        } catch {
            throw ConfigurationError(path, "cannot be read: it is not a file of text")
        }
    }

    /// At least as many as there are: those in comments and quotes count too.
    private static func aliases(in text: String) -> Int {
        let before = Set("\n\t []{},:?-".utf8)
        return zip("\n".utf8 + Array(text.utf8), text.utf8).count { before.contains($0) && $1 == UInt8(ascii: "*") }
    }
}

extension YAMLFile {
    /// What the file says, as JSON has it; an empty file is an empty object.
    package func json() throws(ConfigurationError) -> JSON {
        guard let root, !root.isNull else { return [:] }
        return try value(root)
    }

    private func value(_ node: Node) throws(ConfigurationError) -> JSON {
        if let mapping = node.mapping {
            var object = OrderedObject()
            for (key, item) in mapping {
                guard let name = key.scalar?.string else {
                    throw ConfigurationError("\(path):\(key.line)", "a key is a word")
                }
                object[name] = try value(item)
            }
            return .object(object)
        }
        if let sequence = node.sequence {
            var items: [JSON] = []
            for item in sequence { items.append(try value(item)) }
            return .array(items)
        }
        return scalar(node)
    }

    /// YAML 1.1 writes numbers with a bare exponent (`3e-4`) as text; nobody means that.
    private func scalar(_ node: Node) -> JSON {
        if node.isNull { return .null }
        if let flag = node.bool, node.tag == Tag(.bool) { return .bool(flag) }
        guard let text = node.scalar, text.style == .plain || text.style == .any else {
            return .string(node.scalar?.string ?? "")
        }
        if let integer = Int(text.string) { return .integer(integer) }
        if let number = Double(text.string), number.isFinite, text.string.first != "." { return .number(number) }
        return .string(text.string)
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
    var isNull: Bool { tag == Tag(.null) }

    var line: Int { mark?.line ?? 1 }
}
