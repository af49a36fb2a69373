import Text

/// `POST /api/generate`: one question, a text that goes on, or what is missing between two.
struct OllamaGenerate: OllamaDialect {
    let order: Order, model: String, stamp: Stamp
    var progress = OllamaProgress()
    private let isRaw: Bool

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        (self.model, stamp) = (model.card.name, facilities.stamp(""))
        let fields: Set = ["prompt", "system", "raw", "images", "suffix", "template", "context"]
        var order = try Order(ollama: body, for: model, fields: fields)
        try refuseImages(body)
        let asked = try Asked(body, model)
        isRaw = asked.isRaw
        var ask = ChatAsk(conversation: Conversation(messages: asked.turn))
        try ask.add(ollama: body)
        if let text = try asked.text(for: model) {
            try ask.thinking.require(of: model.card)
            order.prompts = [text]
            try order.add(ask.form, for: model)
        } else if !asked.prompt.isEmpty {
            let teller = try asked.template.map { try model.telling($0) } ?? model
            try order.add(ask, for: teller, stamp: stamp.id)
            if !asked.context.isEmpty { order.prompts = [.tokens(try asked.tokens(ask.conversation, teller))] }
        }
        self.order = order
    }

    func say(_ said: OllamaSaid, to writer: inout JSONWriter) {
        writer.field("response", said.text)
        if !said.thought.isEmpty { writer.field("thinking", said.thought) }
    }

    /// The tokens of the conversation so far, which the next request may begin with.
    func context(after tokens: [Int]) -> [Int]? {
        guard !isRaw, case .tokens(let prompt)? = order.prompts.first else { return nil }
        return prompt + tokens
    }
}

extension OllamaGenerate {
    /// What the fields of its own say.
    private struct Asked {
        let prompt: String, system: String, suffix: JSONField, template: String?, context: [Int]
        /// Whether the prompt is all there is, by the request's word or for want of a template.
        let isRaw: Bool

        init(_ body: JSONField, _ model: any GenerativeModel) throws {
            prompt = try body["prompt"].optional?.string ?? ""
            system = try body["system"].optional?.string ?? ""
            template = try OllamaCreation.template(body["template"])
            context = try body["context"].optional?.tokens(vocabularySize: model.vocabulary.vocabularySize) ?? []
            suffix = body["suffix"]
            let isFilledIn = try suffix.optional?.string.isEmpty == false
            let wantsRaw = try body["raw"].optional?.bool,
                hasTemplate = model.card.chatTemplate != nil || template != nil
            let others = [("system", !system.isEmpty), ("template", template != nil), ("context", !context.isEmpty)]
            for (field, isThere) in others where isThere {
                guard wantsRaw != true else { throw APIError.exclusive(field, "raw") }
                guard !isFilledIn else { throw APIError.exclusive(field, "suffix") }
                guard hasTemplate else { throw APIError.wantsTemplate(field, model.card.name) }
            }
            isRaw = wantsRaw ?? !hasTemplate || isFilledIn
        }

        /// The messages that are new.
        var turn: [Message] { (system.isEmpty ? [] : [.system(.text(system))]) + [.user(.text(prompt))] }

        /// Nil where a template makes a conversation of it, or nothing is asked.
        func text(for model: any GenerativeModel) throws -> Order.Prompt? {
            if let suffix = try suffix.optional?.string, !suffix.isEmpty {
                let infill = try Infill.required(of: model, self.suffix)
                return infill.prompt(.text(prompt), suffix: suffix, model.vocabulary)
            }
            return isRaw && !prompt.isEmpty ? .text(prompt) : nil
        }

        /// What was said before and what is new.
        func tokens(_ conversation: Conversation, _ model: any GenerativeModel) throws -> [Int] {
            let more = try model.continuation(conversation)
            return context + model.vocabulary.encode(more, addSpecial: false, parseSpecial: true)
        }
    }
}

extension GenerativeModel {
    /// The model with another template.
    fileprivate func telling(_ template: String) throws -> any GenerativeModel {
        var derivation = Derivation(name: card.name, base: card.name, created: card.created)
        derivation.template = template
        return DerivedModel(derivation, of: self, template: try Derivation.compiled(template, for: self))
    }
}

extension APIError {
    fileprivate static func wantsTemplate(_ field: String, _ model: String) -> APIError {
        .unsupported(
            field,
            "'\(field)' is not supported: '\(model)' has no chat template, so that the prompt is all there is. Leave it out."
        )
    }

    fileprivate static func exclusive(_ field: String, _ other: String) -> APIError {
        .invalid(
            field,
            "'\(field)' and '\(other)' exclude each other: with '\(other)' the prompt is taken as it is. Send one.",
            code: "invalid_value"
        )
    }
}
