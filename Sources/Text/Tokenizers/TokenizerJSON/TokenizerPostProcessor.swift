/// The `post_processor` of a `tokenizer.json`: BOS before the text and EOS after it, or neither.
struct TokenizerPostProcessor {
    private var before: [String] = [], after: [String] = []
    private var ids: [String: Int] = [:]

    init(_ field: JSONField) throws {
        for part in try TokenizerPipeline.parts(field, "processors") {
            switch try part["type"].string {
            case "ByteLevel": break  // moves offsets only
            case "TemplateProcessing": try read(part)
            default: throw TokenizerPipeline.refusal(part, "ByteLevel and TemplateProcessing")
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
    }

    func apply(to specification: inout TokenizerSpecification) throws {
        (specification.addsBOS, specification.addsEOS) = (!before.isEmpty, !after.isEmpty)
        specification.bos = before.first.flatMap { ids[$0] } ?? specification.bos
        specification.eos = after.first.flatMap { ids[$0] } ?? specification.eos
    }
}
