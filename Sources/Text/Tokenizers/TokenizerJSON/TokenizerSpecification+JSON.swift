extension TokenizerSpecification {
    /// Reads a `tokenizer.json`, the file of Hugging Face's `tokenizers`.
    ///
    /// Byte-level byte-pair encoding with a known pattern of words, and SentencePiece's two models with byte fallback are
    /// read. A file that asks for something else is refused: it would give other ids than those of the training.
    ///
    /// - Parameters:
    ///   - file: The file's bytes.
    ///   - configuration: Those of the `tokenizer_config.json` beside it, which knows BOS, EOS and padding.
    /// - Throws: ``JSONError`` where the file is damaged, ``TokenizerError`` where it asks for what is not known here.
    public init(
        tokenizerJSON file: some Sequence<UInt8>,
        configuration: (some Sequence<UInt8>)? = [UInt8]?.none
    ) throws {
        try self.init(
            tokenizerJSON: JSON(parsing: file),
            configuration: configuration.map { try JSON(parsing: $0) }
        )
    }

    public init(tokenizerJSON file: JSON, configuration: JSON? = nil) throws {
        self = try TokenizerJSONReader(file).specification()
        if let configuration { try readRoles(JSONField(configuration)) }
        try validate()
    }

    /// Which tokens begin, end and fill up, of `tokenizer_config.json`.
    mutating func readRoles(_ configuration: JSONField) throws {
        let tokens = self.tokens
        func id(_ role: String) throws -> Int? {
            guard let field = configuration[role].optional else { return nil }
            let content = try field.value?.string ?? field["content"].string
            guard let id = tokens.firstIndex(where: { $0.isIdentical(to: content) }) else {
                throw TokenizerError.unsupported(field: role, value: content, supported: "a token of the vocabulary")
            }
            return id
        }
        bos = try id("bos_token") ?? bos
        eos = try id("eos_token") ?? eos
        pad = try id("pad_token") ?? pad
        if bos != nil, try configuration["add_bos_token"].optional?.bool == true { addsBOS = true }
        if eos != nil, try configuration["add_eos_token"].optional?.bool == true { addsEOS = true }
    }

    /// The `tokenizer.json` from which `tokenizers` makes the same ids.
    ///
    /// - Throws: ``TokenizerError`` where two tokens are spelled alike, which the format cannot say.
    public func tokenizerJSON() throws -> JSON { try TokenizerJSONWriter(self).file() }

    /// What the `tokenizer_config.json` beside it says: which tokens begin, end and fill up.
    public func tokenizerConfiguration() -> JSON {
        func spelling(_ id: Int?) -> JSON { id.map { .string(tokens[$0]) } ?? .null }
        return [
            "tokenizer_class": "PreTrainedTokenizerFast",
            "add_bos_token": .bool(addsBOS),
            "add_eos_token": .bool(addsEOS),
            "bos_token": spelling(bos),
            "eos_token": spelling(eos),
            "pad_token": spelling(pad),
            "unk_token": spelling(unknown),
            "clean_up_tokenization_spaces": false,
        ]
    }
}
