/// Why a text is not JSON, or a JSON value not what was asked for.
public enum JSONError: Error, Hashable, Sendable {
    /// The text breaks the grammar at this byte, on this line (counted from 1).
    case syntax(String, offset: Int, line: Int)
    /// A value is missing or of another kind; the path reads `messages[2].content`.
    case unexpected(path: String, expected: String, found: String)
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .syntax(let message, let offset, let line): "\(message) at byte \(offset), line \(line)"
        case .unexpected(let path, let expected, let found):
            (path.isEmpty ? "the body" : "'\(path)'") + " must be \(expected), but is \(found)"
        }
    }
}
