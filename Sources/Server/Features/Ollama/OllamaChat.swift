import Text

/// `POST /api/chat`: a conversation goes on.
struct OllamaChat: OllamaDialect {
    let order: Order, model: String, stamp: Stamp

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        (self.model, stamp) = (model.card.name, facilities.stamp(""))
        var order = try Order(ollama: body, for: model, fields: ["messages", "tools"])
        let messages = try body["messages"].optional?.elements.map(Self.message) ?? []
        let tools = try body["tools"].optional?.elements.map { try Tool($0).json } ?? []
        order.prompts = messages.isEmpty ? [] : [.conversation(Conversation(messages: messages, tools: tools))]
        order.promptField = "messages"
        self.order = order
    }

    private static func message(_ field: JSONField) throws -> Message {
        try refuseImages(field)
        return try Message.wire(field)
    }

    func say(_ text: String, to writer: inout JSONWriter) {
        writer.member("message") { writer in
            writer.object { writer in
                writer.field("role", "assistant")
                writer.field("content", text)
            }
        }
    }
}

/// `POST /api/generate`: one question, or a text that goes on.
struct OllamaGenerate: OllamaDialect {
    let order: Order, model: String, stamp: Stamp

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        (self.model, stamp) = (model.card.name, facilities.stamp(""))
        let fields: Set = ["prompt", "system", "raw", "images"]
        var order = try Order(ollama: body, for: model, fields: fields, refusing: Self.refusals)
        try refuseImages(body)
        let prompt = try body["prompt"].optional?.string ?? "", system = try body["system"].optional?.string ?? ""
        let isRaw = try body["raw"].optional?.bool ?? (model.card.chatTemplate == nil)
        if !prompt.isEmpty { order.prompts = [isRaw ? .text(prompt) : Self.conversation(prompt, system)] }
        self.order = order
    }

    private static func conversation(_ prompt: String, _ system: String) -> Order.Prompt {
        let messages = (system.isEmpty ? [] : [Message.system(.text(system))]) + [.user(.text(prompt))]
        return .conversation(Conversation(messages: messages))
    }

    private static let refusals: [Refusals.Rule] = [
        .init("suffix", "this model does not fill in between two texts") { $0 == "" },
        .init("template", "the model's own is used; with 'raw' none is") { $0 == "" },
        .init("context", "send the conversation to /api/chat") { $0 == [] },
    ]

    func say(_ text: String, to writer: inout JSONWriter) { writer.field("response", text) }
}

private func refuseImages(_ field: JSONField) throws {
    guard let images = field["images"].optional, images.value != [] else { return }
    throw APIError.unsupported(images.path, "'\(images.path)' are images, which this model cannot read.")
}
