import Inference
import Text

/// Texts go on, in OpenAI's older words.
struct CompletionsExchange: Dialect {
    let order: Order
    private let envelope: OpenAIEnvelope, vocabulary: any Vocabulary
    private let echoes: Bool, logprobs: Int?
    /// Where in each choice's text the next token begins.
    private var offsets: [Int]

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        let ignored = try Self.refusals.check(body), options = facilities.options
        try OpenAIFields.checkNotes(body)
        vocabulary = model.vocabulary
        var order = try Order(openAI: body, for: model, maximumChoices: options.maximumChoices)
        envelope = OpenAIEnvelope(
            stamp: facilities.stamp("cmpl-"),
            model: model.card.name,
            whole: "text_completion",
            chunk: "text_completion",
            includesUsage: try OpenAIFields.includesUsage(body)
        )
        order.prompts = try Self.prompts(body["prompt"], vocabulary.vocabularySize, options.maximumPrompts)
        echoes = try body["echo"].optional?.bool ?? false
        order.prompts = try Self.filling(order.prompts, body["suffix"], model, echoes: echoes)
        logprobs = try body["logprobs"].optional?.integer(in: 0...20)
        order.topLogprobs = logprobs
        order.scoresPrompt = echoes && logprobs != nil
        order.maxTokens = try body["max_tokens"].optional?.integer(in: 0...Int(Int32.max)) ?? 16
        order.candidates = try Self.candidates(body["best_of"], order, options)
        order.prediction = try Prediction.tokens(body["prediction"], vocabulary)
        order.ignoredFields = ignored
        try order.add(AskedForm.read(body), for: model)
        self.order = order
        offsets = Array(repeating: 0, count: order.prompts.count * order.choices)
    }
}

// MARK: The answer

extension CompletionsExchange {
    func write(_ answer: Answer, to writer: inout JSONWriter) {
        envelope.write(answer, to: &writer) { writer, index, choice in
            writer.field("text", echo(index) + choice.text)
            writer.field("index", index)
            var offset = 0
            writeLogprobs(choice.promptScores + choice.tokens, from: &offset, to: &writer)
            writer.field("finish_reason", choice.ending.word)
        }
    }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .began(let choice, let scores):
            if echoes { writeChunk(of: choice, echo(choice), scores, to: &writer) }
        case .delta(let choice, let text, let tokens): writeChunk(of: choice, text, tokens, to: &writer)
        case .finished(let choice, let ending, let outcome):
            writeChunk(of: choice, "", [], end: (ending, outcome), to: &writer)
        case .thought, .call, .arguments: break
        case .ended(let outcome): envelope.writeEnd(outcome, to: &writer)
        }
    }

    private mutating func writeChunk(
        of choice: Int,
        _ text: String,
        _ tokens: [TokenScore],
        end: (ending: Ending, outcome: Outcome)? = nil,
        to writer: inout JSONWriter
    ) {
        var offset = offsets[choice]
        envelope.writeChunk(to: &writer, end?.outcome) { writer in
            writer.field("text", text)
            writer.field("index", choice)
            writeLogprobs(tokens.isEmpty ? nil : tokens, from: &offset, to: &writer)
            writer.field("finish_reason", end?.ending.word)
        }
        offsets[choice] = offset
    }

    private func writeLogprobs(_ tokens: [TokenScore]?, from offset: inout Int, to writer: inout JSONWriter) {
        guard logprobs != nil, let tokens else { return writer.null("logprobs") }
        writer.legacyLogprobs(tokens, vocabulary, from: &offset)
    }

    /// The text that a choice begins with, where the prompt is echoed.
    private func echo(_ choice: Int) -> String {
        guard echoes else { return "" }
        return switch order.prompts[choice / order.choices] {
        case .text(let text): text
        case .tokens(let ids): vocabulary.text(of: ids)
        }
    }
}

// MARK: The fields of its own

extension CompletionsExchange {
    private static func prompts(_ field: JSONField, _ vocabularySize: Int, _ limit: Int) throws -> [Order.Prompt] {
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

    /// The prompts with the suffix that their answers are to lead to.
    private static func filling(
        _ prompts: [Order.Prompt],
        _ field: JSONField,
        _ model: any GenerativeModel,
        echoes: Bool
    ) throws -> [Order.Prompt] {
        guard let suffix = try field.optional?.string, !suffix.isEmpty else { return prompts }
        let infill = try Infill.required(of: model, field)
        guard !echoes else {
            throw APIError.invalid("echo", "'echo' and 'suffix' exclude each other: send one.", code: "invalid_value")
        }
        return prompts.map { infill.prompt($0, suffix: suffix, model.vocabulary) }
    }

    private static func candidates(_ field: JSONField, _ order: Order, _ options: ServerOptions) throws -> Int? {
        guard let bestOf = try field.optional?.integer(in: 1...options.maximumChoices) else { return nil }
        guard bestOf >= order.choices else {
            throw APIError.invalid("best_of", "'best_of' is \(bestOf), but 'n' asks for \(order.choices) of them.")
        }
        guard bestOf == order.choices || !order.isStreamed else {
            throw APIError.invalid(
                "best_of",
                "With 'stream', 'best_of' must equal 'n': the best is known only at the end."
            )
        }
        return bestOf
    }

    private static let refusals = Refusals(
        Refusals.Rule.constraints,
        known: OpenAIFields.names.union(Refusals.administrative).union(AskedForm.fields).union([
            "prompt", "suffix", "max_tokens", "logprobs", "echo", "best_of", "prediction",
        ]),
        within: Members.openAI
    )
}
