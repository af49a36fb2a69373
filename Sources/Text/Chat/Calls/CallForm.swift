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
        /// Members one by one, in a notation that tells texts from other values.
        case values(head: String, keyed: String, between: String, tail: String, Notation)
    }

    /// How a template spells values that are no JSON.
    public struct Notation: Sendable, Hashable {
        /// What texts stand between.
        public var quote: String
        /// Whether quotes, backslashes and line ends are escaped within texts, as in Python.
        public var isEscaped: Bool
        /// The words for true, for false, and for none of both.
        public var yes: String, no: String, nothing: String
        /// Whether lists and objects are JSON; if not, they are of this notation, names of members without quotes.
        public var nestsJSON: Bool

        public init(
            quote: String,
            isEscaped: Bool,
            yes: String = "true",
            no: String = "false",
            nothing: String = "null",
            nestsJSON: Bool
        ) {
            (self.quote, self.isEscaped, self.nestsJSON) = (quote, isEscaped, nestsJSON)
            (self.yes, self.no, self.nothing) = (yes, no, nothing)
        }
    }

    public var open: String, mid: Piece, close: Piece
    /// Nil where the template takes one call only.
    public var join: Piece?
    public var arguments: Arguments
    /// What stands between the name and `close` of a call without arguments, where they are written one by one.
    public var empty = ""
    /// Whether nothing is a call that lacks the marker, where the form has one.
    public var needsMarker = false

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

    /// What a call of that function begins with.
    package func head(of function: String) -> String { open + function + (arguments == .json ? mid.before : "") }
}

/// Text before an answer that is not part of it.
public struct ThoughtForm: Sendable, Hashable {
    public var open: String, close: String

    /// What stands before the words of an answer.
    public var lead = ""

    public init(open: String, close: String, lead: String = "") {
        (self.open, self.close, self.lead) = (open, close, lead)
    }

    public static let known = [
        ThoughtForm(open: "<think>", close: "</think>"), ThoughtForm(open: "[THINK]", close: "[/THINK]"),
        ThoughtForm(open: "<seed:think>", close: "</seed:think>"),
        ThoughtForm(open: "<|channel>thought", close: "<channel|>"),
    ]
}
