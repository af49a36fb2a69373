extension TokenizerPipeline {
    static func normalizer(
        _ kind: TokenizerSpecification.Kind,
        _ normalization: TokenizerSpecification.Normalization
    ) -> JSON {
        if case .wordPiece(let rules) = kind { return bertNormalizer(rules) }
        var parts = steps(normalization)
        switch kind.spaces?.prefix {
        case .afterControls, .everywhere: parts += [["type": "Prepend", "prepend": "▁"], replacing(" ", by: "▁")]
        case .never where kind.spaces?.splitsWords == false: parts.append(replacing(" ", by: "▁"))
        default: break
        }
        return parts.count > 1 ? ["type": "Sequence", "normalizers": .array(parts)] : parts.first ?? .null
    }

    static func preTokenizer(
        _ kind: TokenizerSpecification.Kind,
        _ normalization: TokenizerSpecification.Normalization
    ) -> JSON {
        switch kind {
        case .byteLevelBPE(let pre, _): return words(pre)
        case .wordPiece: return ["type": "BertPreTokenizer"]
        case .sentencePieceBPE(let spaces), .unigram(let spaces):
            guard case .mapped(_, .split) = normalization else { return metaspace(spaces) }
            let parts: [JSON] = [["type": "WhitespaceSplit"], metaspace(spaces)]
            return ["type": "Sequence", "pretokenizers": .array(parts)]
        }
    }

    /// What text turns into again: marks into spaces, bytes into characters.
    static func decoder(_ kind: TokenizerSpecification.Kind) -> JSON {
        if case .wordPiece(let rules) = kind {
            return ["type": "WordPiece", "prefix": .string(rules.continuation), "cleanup": false]
        }
        guard let spaces = kind.spaces else { return TokenizerJSONWriter.byteLevel(usesExpression: true) }
        let strip: JSON = ["type": "Strip", "content": " ", "start": 1, "stop": 0]
        let steps: [JSON] = [replacing("▁", by: " "), ["type": "ByteFallback"], ["type": "Fuse"]]
        return ["type": "Sequence", "decoders": .array(steps + (spaces.prefix == .never ? [] : [strip]))]
    }

    private static func replacing(_ text: String, by other: String) -> JSON {
        ["type": "Replace", "pattern": ["String": .string(text)], "content": .string(other)]
    }

    private static func words(_ pre: PreTokenizer) -> JSON {
        guard pre != .gpt2 else { return TokenizerJSONWriter.byteLevel(usesExpression: true) }
        let splits: [JSON] = pre.expressions.map { expression in
            ["type": "Split", "pattern": ["Regex": .string(expression)], "behavior": "Isolated", "invert": false]
        }
        let parts = splits + [TokenizerJSONWriter.byteLevel(usesExpression: false)]
        return ["type": "Sequence", "pretokenizers": .array(parts)]
    }

    /// Nil where the normalizer has written the marks, and nothing is cut.
    private static func metaspace(_ spaces: TokenizerSpecification.Spaces) -> JSON {
        let scheme: String
        switch spaces.prefix {
        case .never, .afterControls, .everywhere: scheme = "never"
        case .whereMissing: scheme = "always"
        case .first: scheme = "first"
        }
        guard scheme != "never" || spaces.splitsWords else { return nil }
        return [
            "type": "Metaspace", "replacement": "▁", "prepend_scheme": .string(scheme),
            "split": .bool(spaces.splitsWords),
        ]
    }
}
