public import Text

/// What a chat template is given.
public struct Conversation: Sendable {
    /// How the text ends.
    public enum Ending: Sendable {
        /// With the last message.
        case closed
        /// Where the assistant is to begin.
        case prompting
        /// Within the last message, so that the model goes on with it.
        case open
    }

    public var messages: [Message]
    public var tools: [JSON]
    public var ending: Ending
    /// More variables for the template, as `enable_thinking`.
    public var extra: [String: JSON]

    public init(messages: [Message], tools: [JSON] = [], ending: Ending = .prompting, extra: [String: JSON] = [:]) {
        (self.messages, self.tools, self.ending, self.extra) = (messages.withResultsInOrder, tools, ending, extra)
    }
}

extension Conversation {
    /// The fields of a request that make a conversation.
    init(_ json: JSONField) throws {
        let fields = try json["messages"].elements
        guard !fields.isEmpty else { throw json["messages"].unexpected("at least one message") }
        messages = try fields.map { try Message.wire($0) }
        try Conversation.checkCalls(fields, messages)
        messages = messages.withResultsInOrder
        tools = try json["tools"].optional?.elements.map { try Tool($0).json } ?? []
        if try ToolChoice(openAI: json["tool_choice"]) == .none { tools = [] }
        ending = try Conversation.ending(json, fields, last: messages[messages.count - 1])
        extra = [:]
        for (name, value) in try json["chat_template_kwargs"].optional?.object ?? [:] { extra[name] = value }
        extra.merge(try AskedThinking(openAI: json).variables) { $1 }
    }

    /// What a tool gave back answers a call that an assistant's message before it has made, and all calls are answered before
    /// the next message, as OpenAI's API insists.
    private static func checkCalls(_ fields: [JSONField], _ messages: [Message]) throws {
        var calls = OpenCalls()
        for (field, message) in zip(fields, messages) {
            guard message.role != .tool else {
                try calls.answer(field["tool_call_id"], unknown: APIError.unknownCall)
                continue
            }
            try calls.requireAnswers()
            for index in message.toolCalls.indices { try calls.make(field["tool_calls"][index]["id"]) }
        }
    }

    /// An assistant's last message goes on where `continue_final_message` says so, as vLLM has it, or its own `prefix`, as
    /// DeepSeek and Mistral do.
    private static func ending(_ json: JSONField, _ fields: [JSONField], last: Message) throws -> Ending {
        let prompts = try json["add_generation_prompt"].optional?.bool
        let prefix = try prefix(fields), asked = try json["continue_final_message"].optional?.bool
        guard asked ?? (prefix != nil) else { return prompts ?? true ? .prompting : .closed }
        let field = asked == nil ? prefix?.path ?? "" : "continue_final_message"
        guard prompts != true else {
            throw APIError.invalid(
                field,
                "'\(field)' goes on with the last message, 'add_generation_prompt' begins a new one; send one."
            )
        }
        guard last.goesOn else {
            throw APIError.invalid(
                field,
                "'\(field)' goes on with an assistant's words, but the last message has none."
            )
        }
        return .open
    }

    /// The mark of a message that goes on; only the last can.
    private static func prefix(_ fields: [JSONField]) throws -> JSONField? {
        let marks = try fields.map { $0["prefix"] }.filter { try $0.optional?.bool ?? false }
        guard let mark = marks.first else { return nil }
        guard marks.count == 1, mark.path == fields[fields.count - 1]["prefix"].path else {
            throw APIError.invalid(
                mark.path,
                "'\(mark.path)' is of a message that others follow: only the last one goes on.",
                code: "invalid_value"
            )
        }
        return mark
    }
}

extension APIError {
    /// - Parameter place: the field that names the call.
    static func unknownCall(_ id: String, _ place: JSONField) -> APIError {
        .invalid(
            place.path,
            "'\(place.path)' is '\(id.prefix(80))', which is no call of an assistant's message before it. Send that message too.",
            code: "invalid_value"
        )
    }
}

extension Message {
    /// Whether an answer can go on where this message ends.
    var goesOn: Bool { role == .assistant && toolCalls.isEmpty && content?.text.isEmpty == false }
}

extension GenerativeModel {
    /// The conversation as a text. The template writes the special tokens itself.
    func prompt(_ conversation: Conversation) throws -> String {
        guard card.chatTemplate != nil else {
            throw APIError.invalid(
                "model",
                "'\(card.name)' has no chat template: it completes text. Use /v1/completions.",
                code: "no_chat_template"
            )
        }
        return try text(of: conversation)
    }

    /// The conversation as token ids.
    func encode(_ conversation: Conversation) throws -> [Int] {
        vocabulary.encode(try prompt(conversation), addSpecial: false, parseSpecial: true)
    }

    private func text(of conversation: Conversation) throws(APIError) -> String {
        guard case .open = conversation.ending, let last = conversation.messages.last else {
            return try rendered(conversation)
        }
        // A template may trim what it is given.
        var marked = conversation
        marked.messages[marked.messages.count - 1].content = last.content?.appending(mark)
        let (text, place) = try split(marked)
        return String(text[..<place.lowerBound])
    }

    /// What follows an assistant's words where a conversation goes on with these messages.
    func continuation(_ conversation: Conversation) throws(APIError) -> String {
        var marked = conversation
        marked.messages = [.user("?"), .assistant(.text(mark))] + conversation.messages
        let (text, place) = try split(marked)
        return String(text[place.upperBound...])
    }

    /// Stands behind an assistant's last word, and tells where the template closes the message.
    private var mark: String { "\u{E0AA}goes on\u{E0AB}" }

    /// The conversation as a text, and where in it the mark is.
    private func split(_ marked: Conversation) throws(APIError) -> (text: String, Range<String.Index>) {
        let text = try rendered(marked)
        guard let place = text.ranges(of: mark).last else {
            throw .invalid(
                "messages",
                "The model's chat template does not show an assistant's message, so that nothing can go on with it."
            )
        }
        return (text, place)
    }

    private func rendered(_ conversation: Conversation) throws(APIError) -> String {
        do { return try render(conversation) } catch {
            throw .invalid("messages", "The model's chat template refused the messages: \(error)")
        }
    }
}

extension Message.Content {
    fileprivate func appending(_ text: String) -> Message.Content {
        switch self {
        case .text(let before): return .text(before + text)
        case .parts(var parts):
            guard let index = parts.lastIndex(where: { $0["text"]?.string != nil }), var part = parts[index].object
            else {
                return .parts(parts + [["type": "text", "text": .string(text)]])
            }
            part["text"] = .string((part["text"]?.string ?? "") + text)
            parts[index] = .object(part)
            return .parts(parts)
        }
    }
}
