import Text

/// `POST /api/chat`: a conversation goes on.
struct OllamaChat: OllamaDialect {
    let order: Order, model: String, stamp: Stamp
    var pending: Message.ToolCall?

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        (self.model, stamp) = (model.card.name, facilities.stamp(""))
        var order = try Order(ollama: body, for: model, fields: ["messages", "tools"])
        let messages = try body["messages"].optional?.elements.map(Self.message) ?? []
        let tools = try body["tools"].optional?.elements.map { try Tool($0) } ?? []
        order.promptField = "messages"
        if !messages.isEmpty {
            var conversation = Conversation(messages: messages, tools: tools.map(\.json))
            // As Ollama's own templates do: an assistant's last words go on.
            if messages.last?.goesOn ?? false { conversation.ending = .open }
            var ask = ChatAsk(conversation: conversation, tools: tools)
            try ask.add(ollama: body)
            try order.add(ask, for: model, stamp: stamp.id)
        }
        self.order = order
    }

    private static func message(_ field: JSONField) throws -> Message {
        try refuseImages(field)
        var message = try Message.wire(field)
        // The function that a tool's answer is of.
        if message.name == nil { message.name = try field["tool_name"].optional?.string }
        return message
    }

    func say(_ said: OllamaSaid, to writer: inout JSONWriter) {
        writer.member("message") { writer in
            writer.object { writer in
                writer.field("role", "assistant")
                writer.field("content", said.text)
                if !said.thought.isEmpty { writer.field("thinking", said.thought) }
                if !said.calls.isEmpty { writer.member("tool_calls") { $0.array(said.calls) { $0.ollama($1) } } }
            }
        }
    }
}

/// `POST /api/generate`: one question, or a text that goes on.
struct OllamaGenerate: OllamaDialect {
    let order: Order, model: String, stamp: Stamp
    var pending: Message.ToolCall?

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        (self.model, stamp) = (model.card.name, facilities.stamp(""))
        let fields: Set = ["prompt", "system", "raw", "images"]
        var order = try Order(ollama: body, for: model, fields: fields, refusing: Self.refusals)
        try refuseImages(body)
        let prompt = try body["prompt"].optional?.string ?? "", system = try body["system"].optional?.string ?? ""
        let isRaw = try body["raw"].optional?.bool ?? (model.card.chatTemplate == nil)
        if !prompt.isEmpty, isRaw {
            order.prompts = [.text(prompt)]
            try order.add(AskedForm(ollama: body["format"]), for: model)
        } else if !prompt.isEmpty {
            var ask = ChatAsk(conversation: Self.conversation(prompt, system))
            try ask.add(ollama: body)
            try order.add(ask, for: model, stamp: stamp.id)
        }
        self.order = order
    }

    private static func conversation(_ prompt: String, _ system: String) -> Conversation {
        let messages = (system.isEmpty ? [] : [Message.system(.text(system))]) + [.user(.text(prompt))]
        return Conversation(messages: messages)
    }

    private static let refusals: [Refusals.Rule] = [
        .init("suffix", "/v1/completions fills in between two texts, where the model can") { $0 == "" },
        .init("template", "the model's own is used; with 'raw' none is") { $0 == "" },
        .init("context", "send the conversation to /api/chat") { $0 == [] },
    ]

    func say(_ said: OllamaSaid, to writer: inout JSONWriter) {
        writer.field("response", said.text)
        if !said.thought.isEmpty { writer.field("thinking", said.thought) }
    }
}

private func refuseImages(_ field: JSONField) throws {
    guard let images = field["images"].optional, images.value != [] else { return }
    throw APIError.unsupported(images.path, "'\(images.path)' are images, which this model cannot read.")
}
