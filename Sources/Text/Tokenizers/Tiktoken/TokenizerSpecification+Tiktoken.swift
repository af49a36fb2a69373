/// What a family's code says of its tokenizer, and a file of tiktoken's does not.
public struct TiktokenFamily: Sendable {
    let words: PreTokenizer, normalization: TokenizerSpecification.Normalization
    /// The tokens after those of the file.
    let specials: [String]

    /// The families that are known, by what config.json calls their networks.
    private static let all: [String: Self] = [
        "chatglm": glm, "glm": glm, "glm4": glm,
        "qwen": Self(
            words: .qwen2,
            normalization: .nfc,
            specials: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + (0..<205).map { "<|extra_\($0)|>" }
        ),
    ]

    private static let glm = Self(words: .llama3, normalization: .none, specials: [])

    /// Returns nil for a family whose words are not known.
    public static func named(_ modelType: String) -> Self? { all[modelType] }
}

extension TokenizerSpecification {
    /// Reads a file of tiktoken's: byte-level pairs, of which those merge first whose token has the lowest rank; a word that is a token
    /// is that token.
    ///
    /// - Parameters:
    ///   - file: The file's bytes.
    ///   - configuration: The `tokenizer_config.json` beside it: added tokens, BOS, EOS and padding.
    /// - Throws: ``TokenizerError``, `JSONError` for the configuration.
    public init(tiktoken file: [UInt8], _ family: TiktokenFamily, configuration: JSON? = nil) throws {
        let tokens = try TiktokenFile(file).tokens
        guard !tokens.isEmpty else { throw TokenizerError.emptyVocabulary }
        self.init(kind: .byteLevelBPE(family.words, ignoresMerges: true), tokens: tokens)
        scores = tokens.indices.map { -Double($0) }
        merges = impliedMerges
        scores = []
        normalization = family.normalization
        self.tokens += family.specials
        kinds = tokens.map { _ in .normal } + family.specials.map { _ in .control }
        eos = family.specials.isEmpty ? nil : tokens.count
        let configuration = JSONField(configuration, path: "tokenizer_config.json")
        try ListedTokens(added: nil, configuration).add(to: &self)
        try readRoles(configuration)
        try validate()
    }

    /// Whether a file is tiktoken's, whatever it is called.
    public static func isTiktoken(_ file: [UInt8]) -> Bool { TiktokenFile.begins(file) }
}
