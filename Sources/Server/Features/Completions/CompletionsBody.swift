import Inference
import Text

extension Completions {
    /// The request, read and checked. Names are the wire's.
    struct Body: Sendable {
        enum Prompt: Sendable { case text(String), tokens([Int]) }

        let prompt: [Prompt]
        let fields: GenerationFields
        let echo: Bool
        let maxTokens: Int
        let logprobs: Int?
        /// How many generations each prompt gets; the best `fields.choices` of them are returned.
        let generations: Int
        let ignored: [String]

        init(_ json: JSONField, model: any GenerativeModel, options: ServerOptions) throws {
            ignored = try Body.refusals.check(json)
            let vocabularySize = model.vocabulary.vocabularySize
            fields = try GenerationFields(json, model: model, maximumChoices: options.maximumChoices)
            prompt = try Body.prompts(json["prompt"], vocabularySize, options.maximumPrompts)
            echo = try json["echo"].optional?.bool ?? false
            logprobs = try json["logprobs"].optional?.integer(in: 0...20)
            maxTokens = try json["max_tokens"].optional?.integer(in: (echo ? 0 : 1)...Int(Int32.max)) ?? 16
            generations = try json["best_of"].optional?.integer(in: 1...options.maximumChoices) ?? fields.choices
            try Body.check(generations, fields)
        }

        private static func check(_ generations: Int, _ fields: GenerationFields) throws {
            guard generations >= fields.choices else {
                throw APIError.invalid(
                    "best_of",
                    "'best_of' is \(generations), but 'n' asks for \(fields.choices) of them."
                )
            }
            guard generations == fields.choices || !fields.stream else {
                throw APIError.invalid(
                    "best_of",
                    "With 'stream', 'best_of' must equal 'n': the best is known only at the end."
                )
            }
        }

        var picksBest: Bool { generations > fields.choices }

        func prompts(_ model: any GenerativeModel) throws -> [[Int]] {
            prompt.map { prompt in
                switch prompt {
                case .text(let text): model.vocabulary.encode(text, addSpecial: true, parseSpecial: true)
                case .tokens(let ids): ids
                }
            }
        }

        func requests(_ prompt: [Int], of model: any GenerativeModel) throws -> [GenerationRequest] {
            let budget = try ContextBudget(prompt: prompt.count, wanted: maxTokens, of: model, param: "prompt")
            return (0..<generations).map { index in
                GenerationRequest(
                    prompt: prompt,
                    sampling: fields.sampling(ofChoice: index),
                    stop: fields.stop,
                    maxTokens: budget.maxTokens,
                    topLogprobs: logprobs ?? (picksBest ? 0 : nil),
                    promptLogprobs: echo && logprobs != nil,
                    ignoreEOS: fields.ignoreEOS
                )
            }
        }
    }
}

// MARK: Prompts

extension Completions.Body {
    private static func prompts(_ field: JSONField, _ vocabularySize: Int, _ limit: Int) throws -> [Prompt] {
        let form = "a string, an array of strings, an array of token ids or an array of such arrays"
        if let text = field.value?.string { return [.text(text)] }
        guard let elements = field.value?.array, let first = elements.first else { throw field.unexpected(form) }
        if first.integer != nil { return [.tokens(try field.tokens(vocabularySize: vocabularySize))] }
        guard elements.count <= limit else { throw field.unexpected("at most \(limit) prompts") }
        return try field.elements.map { element in
            switch element.value {
            case .string(let text): return .text(text)
            case .array: return .tokens(try element.tokens(vocabularySize: vocabularySize))
            default: throw element.unexpected("a string or an array of token ids")
            }
        }
    }

    static let refusals = Refusals(
        [
            .init("suffix", "this model does not fill in between two texts") { $0 == "" },
            .init("response_format", "this server does not constrain the output's form yet; only 'text' is") {
                $0["type"] == "text"
            },
        ] + Refusals.Rule.constraints,
        known: GenerationFields.names.union(Refusals.administrative).union([
            "prompt", "max_tokens", "logprobs", "echo", "best_of",
        ])
    )
}
