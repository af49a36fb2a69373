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
        ending = try Conversation.ending(json)
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

    private static func ending(_ json: JSONField) throws -> Ending {
        let goesOn = try json["continue_final_message"].optional?.bool ?? false
        let prompts = try json["add_generation_prompt"].optional?.bool
        guard goesOn else { return prompts ?? true ? .prompting : .closed }
        guard prompts != true else {
            throw APIError.invalid(
                "continue_final_message",
                "'continue_final_message' goes on with the last message, 'add_generation_prompt' begins a new one; send one."
            )
        }
        return .open
    }
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
        let text: String
        do {
            text = try render(conversation)
        } catch {
            throw .invalid("messages", "The model's chat template refused the messages: \(error)")
        }
        guard case .open = conversation.ending else { return text }
        // A template may trim what it is given.
        let last = conversation.messages.last?.content?.text ?? ""
        guard let end = (text.ranges(of: last).last ?? text.ranges(of: last.trimmed).last)?.upperBound else {
            throw .invalid(
                "continue_final_message",
                "The model's chat template does not show the last message as it is."
            )
        }
        return String(text[..<end])
    }
}
