/// Translates a `tokenizer.json` into a specification, field by field; what it does not know it refuses.
struct TokenizerJSONReader {
    private let root: JSONField
    private let model: JSONField

    init(_ file: JSON) {
        root = JSONField(file)
        model = root["model"]
    }

    func specification() throws -> TokenizerSpecification {
        let pipeline = try TokenizerPipeline(normalizer: root["normalizer"], preTokenizer: root["pre_tokenizer"])
        var result: TokenizerSpecification
        switch try model["type"].string {
        case "BPE": result = try bytePairs(pipeline)
        case "Unigram": result = try unigram(pipeline)
        case "WordPiece": result = try wordPieces(pipeline)
        case let type: throw TokenizerError.unknownModel(type, known: ["BPE", "Unigram", "WordPiece"])
        }
        let added = try AddedTokens(root["added_tokens"], bares: pipeline.leavesTextAlone)
        try added.add(to: &result)
        try TokenizerPostProcessor(root["post_processor"]).apply(to: &result)
        return result
    }

    private func bytePairs(_ pipeline: TokenizerPipeline) throws -> TokenizerSpecification {
        for field in ["dropout", "continuing_subword_prefix", "end_of_word_suffix"] {
            let value = model[field].value ?? .null
            guard [.null, "", .integer(0), .number(0)].contains(value) else {
                throw TokenizerError.unsupported(field: "model.\(field)", value: value.text(), supported: "null")
            }
        }
        var result = TokenizerSpecification(kind: try kind(pipeline), tokens: try tokens(), merges: try merges())
        result.normalization = pipeline.normalization
        try readUnknown(model["unk_token"].optional?.string, into: &result)
        return result
    }

    private func kind(_ pipeline: TokenizerPipeline) throws -> TokenizerSpecification.Kind {
        let fallsBack = try model["byte_fallback"].optional?.bool ?? false
        switch pipeline.words {
        case .byteLevel(let pre):
            return .byteLevelBPE(pre, ignoresMerges: try model["ignore_merges"].optional?.bool ?? false)
        case .words:
            throw TokenizerError.unsupported(
                field: "pre_tokenizer",
                value: "BertPreTokenizer",
                supported: "ByteLevel, or Metaspace"
            )
        case .marked(let spaces):
            guard fallsBack else { throw Self.noFallback }
            guard try model["ignore_merges"].optional?.bool != true else {
                throw TokenizerError.unsupported(field: "model.ignore_merges", value: "true", supported: "false")
            }
            return .sentencePieceBPE(spaces)
        }
    }

    private static let noFallback = TokenizerError.unsupported(
        field: "model.byte_fallback",
        value: "false",
        supported: "true, or a ByteLevel pre-tokenizer"
    )

    private func unigram(_ pipeline: TokenizerPipeline) throws -> TokenizerSpecification {
        guard case .marked(let spaces) = pipeline.words else {
            throw TokenizerError.unsupported(field: "pre_tokenizer", value: "ByteLevel", supported: "Metaspace")
        }
        let pairs = try model["vocab"].elements
        guard !pairs.isEmpty else { throw TokenizerError.emptyVocabulary }
        var result = TokenizerSpecification(
            kind: .unigram(spaces),
            tokens: try pairs.map { try $0[0].string },
            scores: try pairs.map { try $0[1].double }
        )
        let id = try model["unk_id"].integer(in: 0...pairs.count - 1)
        result.normalization = pipeline.normalization
        let fallsBack = try model["byte_fallback"].optional?.bool == true
        let unknown = result.tokens.indices.contains(id) ? result.tokens[id] : nil
        try readUnknown(unknown, hasBytes: fallsBack, into: &result)
        return result
    }

    private func wordPieces(_ pipeline: TokenizerPipeline) throws -> TokenizerSpecification {
        guard case .words(var rules) = pipeline.words else {
            throw TokenizerPipeline.refusal(root["pre_tokenizer"], "BertPreTokenizer")
        }
        rules.continuation = try model["continuing_subword_prefix"].optional?.string ?? "##"
        rules.longestWord = try model["max_input_chars_per_word"].optional?.integer(in: 1...(1 << 20)) ?? 100
        var result = TokenizerSpecification(kind: .wordPiece(rules), tokens: try tokens())
        try readUnknown(try model["unk_token"].optional?.string ?? "[UNK]", hasBytes: false, into: &result)
        return result
    }

    /// The vocabulary of byte pairs: every id from 0 on has one token, or will have an added one.
    private func tokens() throws -> [String] {
        let members = try model["vocab"].object, added = try root["added_tokens"].optional?.elements ?? []
        // Added ones alone spell no text.
        guard !members.isEmpty else { throw TokenizerError.emptyVocabulary }
        let filled = try Dictionary(added.map { (try $0["id"].integer, try $0["content"].string) }) { $1 }
        var tokens = [String?](repeating: nil, count: members.count + added.count), count = 0
        for (token, value) in members {
            let id = try JSONField(value, path: "model.vocab.\(token)").integer(in: 0...(1 << 24))
            count = max(count, id + 1)
            guard id < tokens.count else { continue }  // so there is a gap before it, which is found below
            if let other = tokens[id] { throw TokenizerError.sharedID(id, token, other) }
            tokens[id] = token
        }
        return try (0..<count).map { id in
            guard id < tokens.count, let token = tokens[id] ?? filled[id] else { throw TokenizerError.missingID(id) }
            return token
        }
    }

    /// Merges are written `"a b"` by older versions and `["a", "b"]` by newer ones.
    private func merges() throws -> [String] {
        try model["merges"].elements.enumerated().map { rank, merge in
            if let line = merge.value?.string { return line }
            let (left, right) = (try merge[0].string, try merge[1].string)
            guard !left.utf8.contains(0x20), !right.utf8.contains(0x20) else {
                throw TokenizerError.malformedMerge("\(left) \(right)", rank: rank)
            }
            return "\(left) \(right)"
        }
    }

    /// Marks the byte tokens and the unknown one.
    private func readUnknown(
        _ unknown: String?,
        hasBytes: Bool = true,
        into result: inout TokenizerSpecification
    ) throws {
        let tokens = result.tokens
        result.kinds = [TokenizerSpecification.TokenKind](repeating: .normal, count: tokens.count)
        if let unknown, !unknown.isEmpty {
            result.unknown = tokens.firstIndex { $0.isIdentical(to: unknown) }
            guard result.unknown != nil else {
                let supported = "a token of the vocabulary"
                throw TokenizerError.unsupported(field: "model.unk_token", value: unknown, supported: supported)
            }
        }
        if case .byteLevelBPE = result.kind { return }
        result.unknown.map { result.kinds[$0] = .unknown }
        guard hasBytes else { return }
        var seen: Set<UInt8> = []
        for (id, token) in tokens.enumerated() {
            guard let byte = Vocabulary.byte(named: token) else { continue }
            result.kinds[id] = .byte
            seen.insert(byte)
        }
        guard seen.count == 256 else {
            throw TokenizerError.missing(field: "all 256 byte tokens", model: "byte fallback")
        }
    }
}
