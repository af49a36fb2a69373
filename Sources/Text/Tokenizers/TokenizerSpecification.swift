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
        /// SentencePiece's byte-pair encoding (Kudo and Richardson 2018) with byte fallback: by ``merges`` where there
        /// are any, else by ``scores``.
        case sentencePieceBPE(Spaces)
        /// The unigram language model (Kudo 2018), with byte fallback where there are tokens for bytes: of all ways to cut the
        /// text into tokens the one with the highest sum of ``scores``.
        case unigram(Spaces)
        /// BERT's words, each cut into the longest tokens it begins with.
        case wordPiece(WordPieceRules)
    }

    /// What becomes of spaces, which the vocabulary spells `▁`, where there are no byte-level words.
    public struct Spaces: Sendable, Hashable {
        /// Where text gets a space before it that is not there.
        public enum Prefix: String, Sendable, Hashable {
            case never
            /// Before the text and after each control token: GGUF's `add_space_prefix`.
            case afterControls
            /// Before every stretch between added tokens: `Prepend` of a `tokenizer.json`.
            case everywhere
            /// The same, but not where a space stands already: `Metaspace` with `always`.
            case whereMissing
            /// Before the text, unless it begins with a space or an added token: `Metaspace` with `first`.
            case first
        }

        public var prefix: Prefix
        /// Whether no token goes on beyond the next space.
        public var splitsWords: Bool

        public init(prefix: Prefix = .never, splitsWords: Bool = false) {
            (self.prefix, self.splitsWords) = (prefix, splitsWords)
        }
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
    /// SentencePiece: the higher, the earlier two pieces merge into this token. Unigram: the logarithm of a probability.
    public var scores: [Double]
    public var normalization = Normalization.none
    /// Byte-pair encoding: two spelled tokens with a space between; the first merge has the highest rank.
    public var merges: [String]
    public var bos, eos, pad, unknown: Int?
    public var addsBOS = false, addsEOS = false
    /// Ids that end an answer, besides ``eos`` and the turn enders that are known by name.
    public var endOfGeneration: Set<Int> = []
    /// What stands between two texts that are read together; nil where a model reads one only.
    public var between: [Int]?
    /// Added tokens that take the white space before them along.
    public var leftStripping: Set<Int> = []

    public init(
        kind: Kind,
        tokens: [String],
        kinds: [TokenKind] = [],
        scores: [Double] = [],
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
        switch kind {
        case .byteLevelBPE: break
        case .wordPiece:
            guard unknown != nil else { throw TokenizerError.missing(field: "an unknown token", model: "WordPiece") }
        case .sentencePieceBPE: try expect("scores", scores.count, optional: !merges.isEmpty)
        case .unigram:
            try expect("scores", scores.count, optional: false)
            guard unknown != nil else { throw TokenizerError.missing(field: "an unknown token", model: "unigram") }
        }
        for (role, id) in [("BOS", bos), ("EOS", eos), ("padding", pad), ("unknown", unknown)] {
            guard let id, !tokens.indices.contains(id) else { continue }
            throw TokenizerError.tokenOutsideVocabulary(role: role, id: id, count: tokens.count)
        }
        if let id = (between ?? []).first(where: { !tokens.indices.contains($0) }) {
            throw TokenizerError.tokenOutsideVocabulary(role: "separating", id: id, count: tokens.count)
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
