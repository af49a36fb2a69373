extension TokenizerSpecification {
    /// Translates the `tokenizer.ggml.*` fields of a GGUF file; each parameter is one of them.
    ///
    /// - Parameters:
    ///   - model: `model`: `gpt2` for byte-level BPE, `llama` for SentencePiece BPE.
    ///   - pre: `pre`: the name of the pre-tokenizer, read only for byte-level BPE.
    ///   - tokenTypes: `token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
    ///   - endOfTurn: `eot_token_id`, `eom_token_id` and whatever else ends an answer.
    public init(
        gguf model: String,
        pre: String?,
        tokens: [String],
        scores: [Float]? = nil,
        tokenTypes: [Int]? = nil,
        merges: [String]? = nil,
        bos: Int? = nil,
        eos: Int? = nil,
        unknown: Int? = nil,
        padding: Int? = nil,
        addBOS: Bool? = nil,
        addEOS: Bool? = nil,
        addSpacePrefix: Bool? = nil,
        endOfTurn: [Int] = []
    ) throws {
        let kind = try Self.kind(gguf: model, pre: pre, hasMerges: merges != nil, addSpacePrefix: addSpacePrefix)
        let kinds = try Self.kinds(tokenTypes ?? [])
        self.init(kind: kind, tokens: tokens, kinds: kinds, merges: merges ?? [])
        self.scores = (scores ?? []).map(Double.init)
        (self.bos, self.eos, self.pad, self.unknown) = (bos, eos, padding, unknown)
        addsBOS = addBOS ?? kind.usuallyAddsBOS
        addsEOS = addEOS ?? false
        endOfGeneration = Set(endOfTurn)
    }

    static func kinds(_ tokenTypes: [Int]) throws -> [TokenKind] {
        try tokenTypes.enumerated().map { index, type in
            guard let kind = UInt8(exactly: type).flatMap(TokenKind.init) else {
                throw TokenizerError.unknownTokenKind(type, token: index)
            }
            return kind
        }
    }

    private static func kind(gguf model: String, pre: String?, hasMerges: Bool, addSpacePrefix: Bool?) throws -> Kind {
        switch model {
        case "gpt2":
            guard hasMerges else { throw TokenizerError.missing(field: "merges", model: model) }
            let name = pre ?? "default"
            return .byteLevelBPE(
                try PreTokenizer(named: name),
                ignoresMerges: PreTokenizer.ignoringMerges.contains(name)
            )
        case "llama":
            return .sentencePieceBPE(Spaces(prefix: addSpacePrefix == false ? .never : .afterControls))
        default:
            throw TokenizerError.unknownModel(model, known: ["bert", "gpt2", "llama", "t5"])
        }
    }
}

extension TokenizerSpecification.Kind {
    /// What a file means that does not say whether BOS goes first.
    fileprivate var usuallyAddsBOS: Bool {
        switch self {
        case .byteLevelBPE(let pre, let ignoresMerges): [.llama3, .tekken].contains(pre) && ignoresMerges
        case .sentencePieceBPE, .unigram, .wordPiece: true
        }
    }
}
