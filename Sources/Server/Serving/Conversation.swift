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
        (self.messages, self.tools, self.ending, self.extra) = (messages, tools, ending, extra)
    }
}

extension Conversation {
    /// The fields of a request that make a conversation.
    init(_ json: JSONField) throws {
        let fields = try json["messages"].elements
        guard !fields.isEmpty else { throw json["messages"].unexpected("at least one message") }
        messages = try fields.map { try Message.wire($0) }
        tools = try json["tools"].optional?.elements.map { try Tool($0).json } ?? []
        if json["tool_choice"].value == "none" { tools = [] }
        ending = try Conversation.ending(json, last: messages[messages.count - 1])
        extra = [:]
        for (name, value) in try json["chat_template_kwargs"].optional?.object ?? [:] { extra[name] = value }
        if let effort = try json["reasoning_effort"].optional?.string {
            extra["reasoning_effort"] = .string(effort)
            if effort == "none" { extra["enable_thinking"] = false }
        }
        if let thinks = try Conversation.thinks(json) { extra["enable_thinking"] = .bool(thinks) }
    }

    /// Whether it is to think, in the words of Qwen's servers or of Qianfan.
    private static func thinks(_ json: JSONField) throws -> Bool? {
        if let thinks = try json["enable_thinking"].optional?.bool { return thinks }
        guard let thinking = json["thinking"].optional else { return nil }
        switch try thinking["type"].string {
        case "enabled": return true
        case "disabled": return false
        case "auto", "adaptive": return nil
        default: throw thinking["type"].unexpected("'enabled' or 'disabled'")
        }
    }

    /// An assistant's last message goes on where `continue_final_message` says so, as vLLM has it, or its own `prefix`, as
    /// DeepSeek and Mistral do.
    private static func ending(_ json: JSONField, last: Message) throws -> Ending {
        let prompts = try json["add_generation_prompt"].optional?.bool
        let prefix = last.role == .assistant && last.extra["prefix"] == true
        guard try json["continue_final_message"].optional?.bool ?? prefix else {
            return prompts ?? true ? .prompting : .closed
        }
        guard prompts != true else {
            throw APIError.invalid(
                "continue_final_message",
                "'continue_final_message' goes on with the last message, 'add_generation_prompt' begins a new one; send one."
            )
        }
        guard last.goesOn else {
            throw APIError.invalid(
                "continue_final_message",
                "'continue_final_message' goes on with an assistant's words, but the last message has none."
            )
        }
        return .open
    }
}

extension Message {
    /// Whether an answer can go on where this message ends.
    var goesOn: Bool { role == .assistant && toolCalls.isEmpty && content?.text.isEmpty == false }
}

extension ModelCard {
    /// Whether the chat template reads tools; one that does not would drop them without a word.
    var takesTools: Bool { chatTemplate?.contains("tools") ?? false }
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
        guard conversation.tools.isEmpty || card.takesTools else {
            throw APIError.unsupported(
                "tools",
                "'tools' are not supported: the chat template of '\(card.name)' knows none. Leave them out, or ask another model."
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
        // A mark behind the last word tells where the template closes the message; a template may trim what it is given.
        let mark = "\u{E0AA}goes on\u{E0AB}"
        var marked = conversation
        marked.messages[marked.messages.count - 1].content = last.content?.appending(mark)
        let text = try rendered(marked)
        guard let end = text.ranges(of: mark).last?.lowerBound else {
            throw .invalid(
                "messages",
                "The model's chat template does not show the last message, so that nothing can go on with it."
            )
        }
        return String(text[..<end])
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
