extension TokenizerSpecification {
    /// Reads SentencePiece's `tokenizer.model`: byte pairs with tokens for bytes, or a unigram model.
    ///
    /// - Parameters:
    ///   - file: The file's bytes.
    ///   - configuration: The `tokenizer_config.json` beside it: added tokens, BOS, EOS and padding, and whether they are put at the
    ///     ends of a text. Without its word BOS goes first, as in the reference library.
    ///   - added: The `added_tokens.json` of older folders: ids by spelling.
    /// - Throws: ``TokenizerError``, `JSONError` for the other files.
    public init(sentencePiece file: [UInt8], configuration: JSON? = nil, added: JSON? = nil) throws {
        let file = try SentencePieceFile(file)
        let configuration = JSONField(configuration, path: "tokenizer_config.json")
        guard !file.tokens.isEmpty else { throw TokenizerError.emptyVocabulary }
        // With `legacy` each stretch between added tokens is a text of its own.
        let restarts = try configuration["legacy"].optional?.bool ?? true
        let spaces = Spaces(prefix: !file.addsPrefix ? .never : restarts ? .everywhere : .first)
        self.init(kind: try Self.kind(file, spaces), tokens: file.tokens, kinds: file.kinds, scores: file.scores)
        normalization = try Self.normalization(file)
        unknown = file.kinds.firstIndex(of: .unknown)
        (bos, eos, pad) = (file.special(file.bos), file.special(file.eos), file.special(file.pad))
        try ListedTokens(added: added, configuration).add(to: &self)
        try readRoles(configuration)
        for id in [bos, eos, pad] { id.map { markSpecial($0) } }
        addsBOS = try bos != nil && configuration["add_bos_token"].optional?.bool ?? true
        try validate()
    }

    private mutating func markSpecial(_ id: Int) {
        guard kinds.indices.contains(id), kinds[id] != .unknown else { return }
        kinds[id] = .control
    }

    private static func kind(_ file: SentencePieceFile, _ spaces: Spaces) throws -> Kind {
        func refuse(_ field: String, _ value: String, _ supported: String) -> TokenizerError {
            .unsupported(field: field, value: value, supported: supported)
        }
        guard file.marksSpaces else { throw refuse("normalizer_spec.escape_whitespaces", "false", "true") }
        guard !file.marksEnds else { throw refuse("trainer_spec.treat_whitespace_as_suffix", "true", "false") }
        let bytes = file.kinds.count { $0 == .byte }
        guard bytes == 0 || bytes == 256 else {
            throw TokenizerError.damaged("it has tokens for \(bytes) of the 256 bytes")
        }
        switch file.algorithm {
        case 1: return .unigram(spaces)
        case 2 where bytes == 256: return .sentencePieceBPE(spaces)
        case 2: throw refuse("trainer_spec.byte_fallback", "false", "true for byte pairs")
        case let other: throw refuse("trainer_spec.model_type", String(other), "1 (unigram) or 2 (byte pairs)")
        }
    }

    private static func normalization(_ file: SentencePieceFile) throws -> Normalization {
        let spacing = file.removesSpaces ? Spacing.trimmed : .kept
        guard !file.charactersMap.isEmpty else {
            return file.removesSpaces ? .mapped(CharacterMap([:]), spacing) : .none
        }
        guard let map = CharacterMap(file.charactersMap) else {
            throw TokenizerError.damaged("its precompiled_charsmap is no table of characters")
        }
        return .mapped(map, spacing)
    }
}
