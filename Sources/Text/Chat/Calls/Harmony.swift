/// Harmony, the form of gpt-oss: an answer is messages, each with a header that names its channel and, for a call, the function
/// that it is for. Thoughts are in the channel `analysis`, words in `final`, calls and words before them in `commentary`.
extension ThoughtForm {
    public static let harmony = ThoughtForm(
        open: "<|channel|>analysis<|message|>",
        close: "<|end|><|start|>assistant",
        lead: "<|channel|>final<|message|>"
    )

    package var isHarmony: Bool { self == .harmony }
}

extension CallForm {
    public static let harmony = CallForm(
        open: " to=functions.",
        mid: .init("<|channel|>commentary json<|message|>"),
        close: .init("")
    )

    package var isHarmony: Bool { self == .harmony }

    /// What stands before a call's arguments: as templates write it, and as models do.
    package static func harmonyHeads(_ name: String) -> [String] {
        [
            " to=functions.\(name)<|channel|>commentary json<|message|>",
            "<|channel|>commentary to=functions.\(name) <|constrain|>json<|message|>",
            "<|channel|>commentary to=functions.\(name) json<|message|>",
        ]
    }

    /// What stands before words that precede a call.
    package static let harmonyPreamble = "<|channel|>commentary<|message|>"

    /// The control tokens of headers.
    package static let harmonyMarks = ["<|channel|>", "<|message|>", "<|constrain|>", "<|start|>", "<|end|>"]
}

/// A header of Harmony, up to `<|message|>`.
struct HarmonyHeader {
    /// The function that the message is for.
    var function: String?
    /// Whether it is neither for the user nor a call.
    var isThought: Bool

    static let end = Array("<|message|>".utf8)

    init(_ text: String) {
        let recipient = text.firstRange(of: "to=").map { text[$0.upperBound...].prefix { $0 != " " && $0 != "<" } }
        function = recipient.flatMap { $0.hasPrefix("functions.") ? String($0.dropFirst(10)) : nil }
        let channel = text.firstRange(of: "<|channel|>").map {
            text[$0.upperBound...].prefix { $0 != " " && $0 != "<" }
        }
        isThought = function == nil && (channel == "analysis" || recipient != nil)
    }
}
