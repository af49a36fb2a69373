import Text

/// `POST /api/chat`: a conversation goes on.
struct OllamaChat: OllamaDialect {
    let order: Order, model: String, stamp: Stamp
    var progress = OllamaProgress()

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        (self.model, stamp) = (model.card.name, facilities.stamp(""))
        var order = try Order(ollama: body, for: model, fields: ["messages", "tools"])
        let messages = try body["messages"].optional?.elements.map(Self.message) ?? []
        let tools = try body["tools"].optional?.elements.map { try Tool($0) } ?? []
        order.promptField = "messages"
        var conversation = Conversation(messages: messages, tools: tools.map(\.json))
        // As Ollama's own templates do: an assistant's last words go on.
        if messages.last?.goesOn ?? false { conversation.ending = .open }
        var ask = ChatAsk(conversation: conversation, tools: tools)
        try ask.add(ollama: body)
        if !messages.isEmpty { try order.add(ask, for: model, stamp: stamp.id) }
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

/// - Parameter field: what may have `images`.
func refuseImages(_ field: JSONField) throws {
    guard let images = field["images"].optional, images.value != [] else { return }
    throw APIError.unsupported(images.path, "'\(images.path)' are images, which this model cannot read.")
}
