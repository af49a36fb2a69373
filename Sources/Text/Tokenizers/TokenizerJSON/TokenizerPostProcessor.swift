/// The `post_processor` of a `tokenizer.json`: BOS before the text and EOS after it, or neither.
struct TokenizerPostProcessor {
    private var before: [String] = [], after: [String] = []
    private var ids: [String: Int] = [:]
    private var between: [Int]?

    init(_ field: JSONField) throws {
        for part in try TokenizerPipeline.parts(field, "processors") {
            switch try part["type"].string {
            case "ByteLevel": break  // moves offsets only
            case "TemplateProcessing": try read(part)
            case "BertProcessing": try read(part, betweenTexts: 1)
            case "RobertaProcessing": try read(part, betweenTexts: 2)
            default:
                let known = "ByteLevel, TemplateProcessing, BertProcessing and RobertaProcessing"
                throw TokenizerPipeline.refusal(part, known)
            }
        }
    }

    private mutating func read(_ template: JSONField) throws {
        var hasText = false
        for piece in try template["single"].elements {
            guard let special = piece["SpecialToken"].optional else {
                hasText = true
                continue
            }
            let name = try special["id"].string
            if hasText { after.append(name) } else { before.append(name) }
            ids[name] = try template["special_tokens"][name]["ids"][0].integer
        }
        guard hasText, before.count < 2, after.count < 2 else {
            throw TokenizerPipeline.refusal(template["single"], "one token before the text and one after it")
        }
        between = try Self.between(template)
    }

    /// The tokens after the first and before the second text of a pair's template.
    private static func between(_ template: JSONField) throws -> [Int]? {
        guard let pieces = try template["pair"].optional?.elements else { return nil }
        let texts = pieces.indices.filter { pieces[$0]["Sequence"].optional != nil }
        guard texts.count == 2 else { return nil }
        return try pieces[texts[0] + 1..<texts[1]].map { piece in
            try template["special_tokens"][piece["SpecialToken"]["id"].string]["ids"][0].integer
        }
    }

    /// The older forms: a token before each text, one after it, and so many between two.
    private mutating func read(_ processor: JSONField, betweenTexts count: Int) throws {
        let (first, last) = (try processor["cls"][0].string, try processor["sep"][0].string)
        let id = try processor["sep"][1].integer
        (before, after) = ([first], [last])
        (ids[first], ids[last]) = (try processor["cls"][1].integer, id)
        between = [Int](repeating: id, count: count)
    }

    func apply(to specification: inout TokenizerSpecification) throws {
        (specification.addsBOS, specification.addsEOS) = (!before.isEmpty, !after.isEmpty)
        specification.between = between
        specification.bos = before.first.flatMap { ids[$0] } ?? specification.bos
        specification.eos = after.first.flatMap { ids[$0] } ?? specification.eos
    }
}
