/// How a model writes that it wants functions called, as its chat template shows.
///
/// `open` name `mid` arguments `close`, and between two calls `join`, which ends the one and opens the other.
public struct CallForm: Sendable, Hashable {
    /// What stands somewhere, where a call's own identity may be.
    public struct Piece: Sendable, Hashable {
        public var before: String
        /// What follows the identity; nil where there is none.
        public var after: String?

        public init(_ before: String, _ after: String? = nil) { (self.before, self.after) = (before, after) }

        /// Letters and digits of an identity, as templates that have one ask for.
        public static let idLength = 9
    }

    /// How arguments are written.
    public enum Arguments: Sendable, Hashable {
        /// One JSON object.
        case json
        /// Members one by one: texts as they are, other values in JSON. Without members none of it stands.
        case members(head: String, keyed: String, between: String, tail: String)
    }

    public var open: String, mid: Piece, close: Piece
    /// Nil where the template takes one call only.
    public var join: Piece?
    public var arguments: Arguments

    public init(open: String, mid: Piece, close: Piece, join: Piece? = nil, arguments: Arguments = .json) {
        (self.open, self.mid, self.close, self.join, self.arguments) = (open, mid, close, join, arguments)
    }

    /// What tells that calls begin; empty if only JSON's brace does, and then nothing may stand before.
    public var marker: String {
        let ends: [Character: Character] = ["<": ">", "[": "]"]
        guard let first = open.first, let last = ends[first], let end = open.firstIndex(of: last) else { return "" }
        let marker = open[...end]
        return marker.contains("{") || marker.contains("\"") ? "" : String(marker)
    }

    /// One call without its marker: small models forget it, and what begins so is hardly meant otherwise.
    public var bare: CallForm? {
        guard !marker.isEmpty, arguments == .json, mid.after == nil, close.after == nil else { return nil }
        let open = self.open.dropFirst(marker.count).drop { $0 == "\n" || $0 == " " }
        let close = self.close.before.prefix { $0 == "}" }
        guard open.first == "{", open.count > 2, !close.isEmpty else { return nil }
        return CallForm(open: String(open), mid: mid, close: .init(String(close)))
    }
}

/// Text before an answer that is not part of it.
public struct ThoughtForm: Sendable, Hashable {
    public var open: String, close: String

    public static let known = [
        ThoughtForm(open: "<think>", close: "</think>"), ThoughtForm(open: "[THINK]", close: "[/THINK]"),
        ThoughtForm(open: "<seed:think>", close: "</seed:think>"),
    ]
}
