/// Writes a specification as a `tokenizer.json`.
struct TokenizerJSONWriter {
    private let specification: TokenizerSpecification

    init(_ specification: TokenizerSpecification) throws {
        try specification.validate()
        self.specification = specification
        var seen: [ExactString: Int] = [:]
        for (id, token) in specification.tokens.enumerated() {
            if let other = seen.updateValue(id, forKey: ExactString(token)) {
                throw TokenizerError.repeatedToken(token, other, id)
            }
        }
    }

    func file() throws -> JSON {
        let kind = specification.kind
        return [
            "version": "1.0",
            "truncation": nil,
            "padding": nil,
            "added_tokens": .array(addedTokens),
            "normalizer": TokenizerPipeline.normalizer(kind, specification.normalization),
            "pre_tokenizer": TokenizerPipeline.preTokenizer(kind, specification.normalization),
            "post_processor": postProcessor,
            "decoder": TokenizerPipeline.decoder(kind),
            "model": try model,
        ]
    }

    private var addedTokens: [JSON] {
        specification.tokens.enumerated().compactMap { id, token in
            let kind = specification.kind(of: id)
            guard [.control, .unknown, .userDefined].contains(kind) else { return nil }
            return [
                "id": .integer(id), "content": .string(token), "single_word": false,
                "lstrip": .bool(specification.leftStripping.contains(id)), "rstrip": false,
                "normalized": false, "special": .bool(kind != .userDefined),
            ]
        }
    }

    private var postProcessor: JSON {
        let bos = specification.addsBOS ? specification.bos : nil, eos = specification.addsEOS ? specification.eos : nil
        var offsets: JSON = nil
        if case .byteLevelBPE = specification.kind { offsets = Self.byteLevel(usesExpression: true) }
        guard bos != nil || eos != nil else { return offsets }
        func special(_ id: Int?) -> [JSON] {
            id.map { [["SpecialToken": ["id": .string(specification.tokens[$0]), "type_id": 0]]] } ?? []
        }
        func text(_ name: String, _ type: Int) -> JSON {
            ["Sequence": ["id": .string(name), "type_id": .integer(type)]]
        }
        let single = special(bos) + [text("A", 0)] + special(eos)
        let pair =
            specification.between.map { between in
                special(bos) + [text("A", 0)] + between.flatMap { special($0) } + [text("B", 1)] + special(eos)
            } ?? single + special(bos) + [text("B", 1)] + special(eos)
        let used = ([bos, eos].compactMap { $0 } + (specification.between ?? []))
        let names = Array(Set(used)).sorted().map { id in
            let name = specification.tokens[id]
            return (name, ["id": .string(name), "ids": [.integer(id)], "tokens": [.string(name)]] as JSON)
        }
        return [
            "type": "TemplateProcessing",
            "single": .array(single),
            "pair": .array(pair),
            "special_tokens": .object(OrderedObject(names)),
        ]
    }

    static func byteLevel(usesExpression: Bool) -> JSON {
        ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .bool(usesExpression)]
    }
}

extension TokenizerJSONWriter {
    private var model: JSON {
        get throws {
            switch specification.kind {
            case .byteLevelBPE(_, let ignoresMerges):
                return bytePairs(specification.merges, ignoresMerges: ignoresMerges, fallsBack: false)
            case .sentencePieceBPE:
                let merges = specification.merges.isEmpty ? ImpliedMerges.list(specification) : specification.merges
                return bytePairs(merges, ignoresMerges: false, fallsBack: true)
            case .unigram: return unigram
            case .wordPiece(let rules):
                let ids = specification.tokens.enumerated().map { ($1, JSON.integer($0)) }
                return [
                    "type": "WordPiece", "unk_token": .string(specification.tokens[specification.unknown ?? 0]),
                    "continuing_subword_prefix": .string(rules.continuation),
                    "max_input_chars_per_word": .integer(rules.longestWord), "vocab": .object(OrderedObject(ids)),
                ]
            }
        }
    }

    private func bytePairs(_ merges: [String], ignoresMerges: Bool, fallsBack: Bool) -> JSON {
        let ids = specification.tokens.enumerated().map { ($1, JSON.integer($0)) }
        let unknown = fallsBack ? specification.unknown : nil
        return [
            "type": "BPE",
            "dropout": nil,
            "unk_token": unknown.map { .string(specification.tokens[$0]) } ?? nil,
            "continuing_subword_prefix": nil,
            "end_of_word_suffix": nil,
            "fuse_unk": .bool(fallsBack),
            "byte_fallback": .bool(fallsBack),
            "ignore_merges": .bool(ignoresMerges),
            "vocab": .object(OrderedObject(ids)),
            "merges": .array(merges.map(Self.pair)),
        ]
    }

    /// What follows the space may be a mark that combines with it, so bytes are cut, not characters.
    private static func pair(_ merge: String) -> JSON {
        let bytes = merge.utf8, space = bytes.firstIndex(of: UInt8(ascii: " ")) ?? bytes.endIndex
        return [.string(String(merge[..<space])), .string(String(Substring(bytes[space...].dropFirst())))]
    }

    private var unigram: JSON {
        let pairs = zip(specification.tokens, specification.scores).map { [.string($0), .number($1)] as JSON }
        return [
            "type": "Unigram",
            "unk_id": specification.unknown.map { .integer($0) } ?? nil,
            "vocab": .array(pairs),
            "byte_fallback": .bool(specification.kinds.contains(.byte)),
        ]
    }
}
