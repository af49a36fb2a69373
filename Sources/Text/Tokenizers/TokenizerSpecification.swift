/// What a file says about its tokenizer, whatever the file's format.
///
/// Readers of GGUF and `tokenizer.json` translate into this; ``Tokenizer`` reads nothing else.
public struct TokenizerSpecification: Sendable {
    /// How text becomes tokens.
    public enum Kind: Sendable, Hashable {
        /// Byte-pair encoding of bytes (Radford et al. 2019), tokens spelled in GPT-2's printable alphabet.
        ///
        /// With `ignoresMerges` a word that is a token as a whole is that token, whatever the merges say.
        case byteLevelBPE(PreTokenizer, ignoresMerges: Bool = false)
        /// SentencePiece's byte-pair encoding (Kudo and Richardson 2018) with byte fallback.
        ///
        /// With `addsSpacePrefix` text begins as if a space stood before it.
        case sentencePieceBPE(addsSpacePrefix: Bool)
    }

    /// What a token is for; the raw values are GGUF's.
    public enum TokenKind: UInt8, Sendable {
        case normal = 1, unknown, control, userDefined, unused, byte
    }

    public var kind: Kind
    /// The tokens as the vocabulary spells them; a token's id is its index.
    public var tokens: [String]
    /// One kind for each token, or empty when all are normal.
    public var kinds: [TokenKind]
    /// SentencePiece: the higher, the earlier two pieces merge into this token.
    public var scores: [Float]
    /// Byte level: two spelled tokens with a space between; the first merge has the highest rank.
    public var merges: [String]
    public var bos, eos, pad, unknown: Int?
    public var addsBOS = false, addsEOS = false
    /// Ids that end an answer, besides ``eos`` and the turn enders that are known by name.
    public var endOfGeneration: Set<Int> = []

    public init(
        kind: Kind,
        tokens: [String],
        kinds: [TokenKind] = [],
        scores: [Float] = [],
        merges: [String] = [],
        bos: Int? = nil,
        eos: Int? = nil,
        pad: Int? = nil,
        unknown: Int? = nil
    ) {
        self.kind = kind
        self.tokens = tokens
        self.kinds = kinds
        self.scores = scores
        self.merges = merges
        self.bos = bos
        self.eos = eos
        self.pad = pad
        self.unknown = unknown
    }

    static let maximumCount = 1 << 24
}

extension TokenizerSpecification {
    func kind(of id: Int) -> TokenKind { kinds.isEmpty ? .normal : kinds[id] }

    /// Throws if a list has the wrong length or an id points outside the vocabulary.
    func validate() throws {
        guard !tokens.isEmpty else { throw TokenizerError.emptyVocabulary }
        guard tokens.count <= Self.maximumCount else { throw TokenizerError.vocabularyTooLarge(tokens.count) }
        try expect("token types", kinds.count, optional: true)
        if case .sentencePieceBPE = kind { try expect("scores", scores.count, optional: false) }
        for (role, id) in [("BOS", bos), ("EOS", eos), ("padding", pad), ("unknown", unknown)] {
            guard let id, !tokens.indices.contains(id) else { continue }
            throw TokenizerError.tokenOutsideVocabulary(role: role, id: id, count: tokens.count)
        }
        if let id = endOfGeneration.first(where: { !tokens.indices.contains($0) }) {
            throw TokenizerError.tokenOutsideVocabulary(role: "end-of-generation", id: id, count: tokens.count)
        }
    }

    private func expect(_ field: String, _ found: Int, optional: Bool) throws {
        guard found == tokens.count || (optional && found == 0) else {
            throw TokenizerError.mismatchedCounts(field: field, expected: tokens.count, found: found)
        }
    }
}
