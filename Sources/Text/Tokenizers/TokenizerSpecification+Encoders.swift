extension TokenizerSpecification {
    /// BERT's words from a GGUF file, whose tokens have `▁` before them where they begin a word and nothing where they go on with one.
    ///
    /// A file does not say whether letters are made small: they are where no token has a capital.
    ///
    /// - Parameters:
    ///   - tokenTypes: `token_type`, as in ``init(gguf:pre:tokens:scores:tokenTypes:merges:bos:eos:unknown:padding:addBOS:addEOS:addSpacePrefix:endOfTurn:)``.
    ///   - first, separator: what a text begins with, and what it ends with.
    public init(
        ggufWords tokens: [String],
        tokenTypes: [Int],
        first: Int?,
        separator: Int?,
        unknown: Int?,
        padding: Int?
    ) throws {
        let kinds = try Self.kinds(tokenTypes)
        func isWord(_ id: Int) -> Bool { !kinds.indices.contains(id) || kinds[id] == .normal }
        let isCased = tokens.indices.contains { isWord($0) && tokens[$0].utf8.contains { 0x41...0x5A ~= $0 } }
        let rules = WordPieceRules(stripsAccents: !isCased, lowercases: !isCased)
        let spelt = tokens.enumerated().map { id, token in
            guard isWord(id) else { return token }
            // By scalars: what follows the mark may combine with it.
            let scalars = token.unicodeScalars
            return scalars.first == "▁"
                ? String(String.UnicodeScalarView(scalars.dropFirst())) : rules.continuation + token
        }
        self.init(kind: .wordPiece(rules), tokens: spelt, kinds: kinds, pad: padding, unknown: unknown ?? 100)
        (bos, eos, addsBOS, addsEOS) = (first ?? 101, separator ?? 102, true, true)
        between = [separator ?? 102]
    }

    /// The unigram model of XLM-R and T5 from a GGUF file.
    ///
    /// - Parameters:
    ///   - map: `precompiled_charsmap`.
    ///   - squeezes: `remove_extra_whitespaces`.
    public init(
        ggufPieces tokens: [String],
        scores: [Float],
        tokenTypes: [Int],
        map: [UInt8]?,
        squeezes: Bool,
        addSpacePrefix: Bool
    ) throws {
        let spaces = Spaces(prefix: addSpacePrefix ? .whereMissing : .never, splitsWords: true)
        self.init(kind: .unigram(spaces), tokens: tokens, kinds: try Self.kinds(tokenTypes))
        self.scores = scores.map(Double.init)
        normalization = squeezes ? .mapped(CharacterMap([:]), .split) : .none
        guard let map, !map.isEmpty else { return }
        guard let table = CharacterMap(map) else {
            let supported = "a table as SentencePiece writes it"
            throw TokenizerError.unsupported(field: "precompiled_charsmap", value: "damaged", supported: supported)
        }
        normalization = .mapped(table, squeezes ? .split : .kept)
    }
}
