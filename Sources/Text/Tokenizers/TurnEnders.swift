/// Tokens that end a model's turn, by the names that chat models give them.
enum TurnEnders {
    private static let names = [
        "<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<|end|>",
        "<|eot|>",
        "</s>", "<|end▁of▁sentence|>", "<｜end▁of▁sentence｜>", "<|return|>", "<|call|>", "<|eos|>", "<EOT>",
        "<turn|>", "<|tool_response>",
    ]

    /// The text without the enders at its end.
    static func trimming(_ text: String) -> String {
        guard let ender = names.first(where: text.hasSuffix) else { return text }
        return trimming(String(text.dropLast(ender.count)))
    }

    /// EOS and the known enders, where those are more than ordinary text.
    static func ids(in vocabulary: Vocabulary, eos: Int?) -> Set<Int> {
        var named = Set(names)
        // Harmony's messages end with it, its answers with others.
        if vocabulary.spellings.contains("<|return|>") { named.remove("<|end|>") }
        let found = vocabulary.kinds.indices.filter { id in
            vocabulary.kinds[id] == .control && named.contains(vocabulary.spellings[id])
        }
        return Set(found + [eos].compactMap { $0 })
    }
}
