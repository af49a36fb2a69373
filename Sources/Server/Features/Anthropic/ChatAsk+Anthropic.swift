import Text

extension ChatAsk {
    /// What a body of Anthropic's Messages API asks for.
    init(anthropic body: JSONField) throws {
        var messages = try Message.system(anthropic: body["system"])
        let fields = try body["messages"].elements
        guard !fields.isEmpty else { throw body["messages"].unexpected("at least one message") }
        for field in fields { messages += try Message.read(anthropic: field) }
        let tools = try body["tools"].optional?.elements.map { try Tool(anthropic: $0) } ?? []
        // An assistant's last message is where the answer goes on; an empty one begins nothing.
        let isOpen = messages.last?.goesOn ?? false
        if isOpen { try Self.checkLastWords(messages.last, body, fields.count - 1) }
        if !isOpen, messages.last?.isSilent ?? false { messages.removeLast() }
        self.init(conversation: Conversation(messages: messages, ending: isOpen ? .open : .prompting), tools: tools)
        try add(choice: body["tool_choice"])
        try add(thinking: body["thinking"])
        budgetField = "thinking.budget_tokens"
        form = try Self.form(body)
        if let effort = try body["output_config"].optional?["effort"].optional?.string {
            conversation.extra["reasoning_effort"] = .string(effort)
        }
        if choice != .none { conversation.tools = tools.map(\.json) }
    }

    /// Their API refuses both: words that end in white space lead astray, and thoughts come before words.
    private static func checkLastWords(_ last: Message?, _ body: JSONField, _ index: Int) throws {
        guard last?.content?.text.last?.isWhitespace != true else {
            throw APIError.invalid(
                "messages[\(index)].content",
                "'messages[\(index)].content' is the assistant's, to go on with, and ends in white space; leave that out.",
                code: "invalid_value"
            )
        }
        guard body["thinking"]["type"].value != "enabled" else {
            throw APIError.invalid(
                "thinking",
                "'thinking' comes before words, but the last message has the answer's first words; send one.",
                code: "invalid_value"
            )
        }
    }

    private mutating func add(choice field: JSONField) throws {
        guard let field = field.optional else { return }
        _ = try field.object
        switch try field["type"].string {
        case "auto": choice = .auto
        case "any": choice = .required
        case "none": choice = .none
        case "tool": choice = .named(try field["name"].string)
        default: throw field["type"].unexpected("'auto', 'any', 'tool' or 'none'")
        }
        isParallel = try !(field["disable_parallel_tool_use"].optional?.bool ?? false)
    }

    private mutating func add(thinking field: JSONField) throws {
        guard let field = field.optional else { return }
        _ = try field.object
        switch try field["type"].string {
        case "enabled":
            conversation.extra["enable_thinking"] = true
            thoughtBudget = try field["budget_tokens"].optional?.integer(in: 1...Int(Int32.max))
        case "disabled": conversation.extra["enable_thinking"] = false
        case "adaptive": break
        default: throw field["type"].unexpected("'enabled', 'disabled' or 'adaptive'")
        }
    }

    private static func form(_ body: JSONField) throws -> AskedForm? {
        let config = body["output_config"].optional
        guard let format = config?["format"].optional ?? body["output_format"].optional else { return nil }
        guard try format["type"].string == "json_schema" else { throw format["type"].unexpected("'json_schema'") }
        let schema = format["schema"]
        return AskedForm(form: .schema(.object(try schema.object)), field: schema.path)
    }
}

extension Tool {
    /// A tool as Anthropic describes one.
    fileprivate init(anthropic field: JSONField) throws {
        let type = try field["type"].optional?.string ?? "custom"
        guard type == "custom" else {
            throw APIError.unsupported(
                field["type"].path,
                "'\(field.path)' is a tool of type '\(type)', which this server does not have."
            )
        }
        var function: OrderedObject = ["name": .string(try field["name"].string)]
        if let description = try field["description"].optional?.string {
            function["description"] = .string(description)
        }
        function["parameters"] = .object(try field["input_schema"].object)
        if try field["strict"].optional?.bool ?? false { function["strict"] = true }
        try self.init(JSONField(["type": "function", "function": .object(function)], path: field.path))
    }
}

extension Message {
    /// An assistant's message with nothing in it.
    fileprivate var isSilent: Bool {
        role == .assistant && toolCalls.isEmpty && reasoning == nil && content?.text.isEmpty != false
    }

    fileprivate static func system(anthropic field: JSONField) throws -> [Message] {
        guard let field = field.optional else { return [] }
        let text = try text(anthropic: field)
        return text.isEmpty ? [] : [.system(.text(text))]
    }

    /// A text, or blocks of text.
    private static func text(anthropic field: JSONField) throws -> String {
        if let text = field.value?.string { return text }
        guard field.value?.array != nil else { throw field.unexpected("a string or an array of blocks") }
        return try field.elements.map { block in
            switch try block["type"].string {
            case "text": return try block["text"].string
            default: throw try unreadable(block)
            }
        }.joined(separator: "\n")
    }

    private static func unreadable(_ block: JSONField) throws -> any Error {
        let type = try block["type"].string
        return APIError.unsupported(
            block.path,
            "'\(block.path)' is a block of type '\(type)', which this model cannot read."
        )
    }

    /// One message of theirs is several of ours where tools have answered.
    fileprivate static func read(anthropic field: JSONField) throws -> [Message] {
        _ = try field.object
        let role = try field["role"].string, content = field["content"]
        guard ["user", "assistant", "system"].contains(role) else {
            throw field["role"].unexpected("'user' or 'assistant'")
        }
        if let text = content.value?.string { return [Message(Role(rawValue: role), .text(text))] }
        guard content.value?.array != nil else { throw content.unexpected("a string or an array of blocks") }
        return try role == "assistant" ? [assistant(content)] : others(content, Role(rawValue: role))
    }

    private static func assistant(_ content: JSONField) throws -> Message {
        var message = Message(.assistant, nil), texts: [String] = [], thoughts: [String] = []
        for block in try content.elements {
            switch try block["type"].string {
            case "text": texts.append(try block["text"].string)
            case "thinking": thoughts.append(try block["thinking"].string)
            case "redacted_thinking": break
            case "tool_use":
                let input = JSON.object(try block["input"].object)
                message.toolCalls.append(
                    .init(id: try block["id"].string, name: try block["name"].string, arguments: input)
                )
            default: throw try unreadable(block)
            }
        }
        if !texts.isEmpty || message.toolCalls.isEmpty { message.content = .text(texts.joined()) }
        if !thoughts.isEmpty { message.reasoning = thoughts.joined() }
        return message
    }

    private static func others(_ content: JSONField, _ role: Role) throws -> [Message] {
        var answers: [Message] = [], texts: [String] = []
        for block in try content.elements {
            switch try block["type"].string {
            case "text": texts.append(try block["text"].string)
            case "tool_result":
                var text = try block["content"].optional.map { try self.text(anthropic: $0) } ?? ""
                if try block["is_error"].optional?.bool ?? false { text = "Error: " + text }
                answers.append(Message(.tool, .text(text), toolCallID: try block["tool_use_id"].string))
            default: throw try unreadable(block)
            }
        }
        guard !texts.isEmpty || answers.isEmpty else { return answers }
        return answers + [Message(role, .text(texts.joined(separator: "\n")))]
    }
}
