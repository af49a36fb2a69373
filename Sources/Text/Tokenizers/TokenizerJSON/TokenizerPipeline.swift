/// What a `tokenizer.json` does to text before the model sees it: its `normalizer` and its `pre_tokenizer`.
struct TokenizerPipeline {
    enum Words {
        case byteLevel(PreTokenizer)
        case marked(TokenizerSpecification.Spaces)
        /// BERT's words.
        case words(WordPieceRules)
    }

    private(set) var words: Words
    private(set) var normalization = TokenizerSpecification.Normalization.none
    /// Whether added tokens may be looked for in the text as it came.
    let leavesTextAlone: Bool

    init(normalizer: JSONField, preTokenizer: JSONField) throws {
        let cutters = try Self.parts(preTokenizer, "pretokenizers")
        if cutters.count == 1, cutters[0]["type"].value == "BertPreTokenizer" {
            words = .words(try Self.wordPieceRules(normalizer))
            leavesTextAlone = false
            return
        }
        var prefix: TokenizerSpecification.Spaces.Prefix?, marks = false
        var normalization = TokenizerSpecification.Normalization.none
        for part in try Self.parts(normalizer, "normalizers") {
            switch try part["type"].string {
            case "NFC": normalization = .nfc
            case "Precompiled": normalization = .mapped(try Self.map(part), .kept)
            case "Replace" where Self.isReplacement(part, of: Self.squeezed, by: " "):
                normalization = try Self.spaced(normalization, .squeezed, part)
            case "Replace" where Self.isReplacement(part, of: Self.trimmed, by: ""):
                if case .none = normalization { normalization = .mapped(CharacterMap([:]), .kept) }
                normalization = try Self.spaced(normalization, .trimmed, part)
            case "Prepend" where part["prepend"].value == "▁": prefix = .everywhere
            case "Replace" where part["pattern"]["String"].value == " " && part["content"].value == "▁": marks = true
            default: throw Self.refusal(part, "NFC, Precompiled, Prepend '▁' and Replace ' ' by '▁'")
            }
        }
        if let cutter = cutters.first, cutters.count > 1, cutter["type"].value == "WhitespaceSplit" {
            normalization = try Self.spaced(normalization, .split, cutter)
        }
        self.normalization = normalization
        let isMarked = marks || cutters.contains { $0["type"].value == "Metaspace" }
        guard !isMarked else {
            words = .marked(try Self.spaces(cutters, prefix: prefix, marks: marks))
            leavesTextAlone = normalizer.optional == nil
            return
        }
        guard prefix == nil else { throw Self.refusal(normalizer, "Prepend together with Replace ' ' by '▁'") }
        words = .byteLevel(try Self.pattern(cutters, preTokenizer))
        leavesTextAlone = true
    }

    /// The steps of a sequence, or the one step, or none.
    static func parts(_ field: JSONField, _ name: String) throws -> [JSONField] {
        guard let field = field.optional else { return [] }
        return try field["type"].string == "Sequence" ? field[name].elements.flatMap { try parts($0, name) } : [field]
    }

    static func refusal(_ field: JSONField, _ supported: String) -> TokenizerError {
        .unsupported(field: field.path, value: String((field.value ?? .null).text().prefix(300)), supported: supported)
    }
}

extension TokenizerPipeline {
    /// SentencePiece's words: all up to the next space, or all there is.
    private static func spaces(
        _ cutters: [JSONField],
        prefix: TokenizerSpecification.Spaces.Prefix?,
        marks: Bool
    ) throws -> TokenizerSpecification.Spaces {
        var spaces = TokenizerSpecification.Spaces(prefix: prefix ?? .never)
        for cutter in cutters {
            switch try cutter["type"].string {
            case "Metaspace" where cutter["replacement"].value == "▁":
                let scheme = try scheme(cutter)
                guard prefix == nil || scheme == .never else { throw refusal(cutter, "one prefix, not two") }
                spaces = .init(prefix: prefix ?? scheme, splitsWords: try cutter["split"].optional?.bool ?? true)
            case "WhitespaceSplit": break  // that was the normalizer's
            case "Split" where marks && cutter["pattern"]["String"].value == " ": break  // there are none any more
            default: throw refusal(cutter, "Metaspace with '▁'")
            }
        }
        return spaces
    }

    private static func scheme(_ cutter: JSONField) throws -> TokenizerSpecification.Spaces.Prefix {
        if try cutter["add_prefix_space"].optional?.bool == false { return .never }
        switch try cutter["prepend_scheme"].optional?.string ?? "always" {
        case "always": return .whereMissing
        case "first": return .first
        case "never": return .never
        default: throw refusal(cutter["prepend_scheme"], "always, first and never")
        }
    }

    /// Byte-level words: expressions, one after another, and `ByteLevel` last.
    private static func pattern(_ cutters: [JSONField], _ whole: JSONField) throws -> PreTokenizer {
        var expressions: [String] = [], isByteLevel = false
        for cutter in cutters {
            guard !isByteLevel else { throw refusal(cutter, "nothing after ByteLevel") }
            switch try cutter["type"].string {
            case "Split": expressions.append(try expression(cutter))
            case "Digits" where cutter["individual_digits"].value == true: expressions.append(PreTokenizer.number)
            case "ByteLevel" where cutter["add_prefix_space"].value != true:
                isByteLevel = true
                if try cutter["use_regex"].optional?.bool ?? true { expressions.append(PreTokenizer.gpt2Expression) }
            default: throw refusal(cutter, "Split, individual Digits, and ByteLevel without a prefix space")
            }
        }
        let known = PreTokenizer.allCases.map(\.rawValue).joined(separator: ", ")
        guard isByteLevel, let pre = PreTokenizer(expressions: expressions) else {
            throw refusal(whole, "ByteLevel with the words of \(known), or Metaspace")
        }
        return pre
    }

    /// An expression that is matched again and again, whatever lies between being a word too.
    private static func expression(_ cutter: JSONField) throws -> String {
        let isolates = cutter["behavior"].value == "Isolated"
        let keepsMatches = cutter["behavior"].value == "Removed" && cutter["invert"].value == true
        guard isolates || keepsMatches else { throw refusal(cutter, "behavior Isolated") }
        return try cutter["pattern"]["Regex"].string
    }
}
