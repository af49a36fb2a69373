/// Why a template cannot be read or rendered.
public struct TemplateError: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// The source breaks the grammar, or uses a construct that is not supported.
        case syntax
        /// The template itself refused the conversation through `raise_exception`; the message is the template's.
        case refused
        /// An expression met a value it cannot work with.
        case evaluation
        /// The rendering outgrew a limit of ``TemplateLimits``.
        case limit
    }

    public var kind: Kind
    public var message: String
    /// Counted from 1; 0 where it is not known.
    public var line: Int

    public init(_ kind: Kind, _ message: String, line: Int = 0) {
        self.kind = kind
        self.message = message
        self.line = line
    }

    static func evaluation(_ message: String) -> Self { Self(.evaluation, message) }
    static func limit(_ message: String) -> Self { Self(.limit, message) }

    func at(line: Int) -> Self {
        self.line > 0 ? self : Self(kind, message, line: line)
    }
}

extension TemplateError: CustomStringConvertible {
    public var description: String {
        let place = line > 0 ? " (line \(line))" : ""
        return switch kind {
        case .syntax: "the chat template cannot be read: \(message)\(place)"
        case .refused: message
        case .evaluation: "the chat template failed: \(message)\(place)"
        case .limit: "the chat template was stopped: \(message)\(place)"
        }
    }
}
