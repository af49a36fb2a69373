import Text

extension ChatAsk {
    /// What a body of Anthropic's Messages API asks for.
    init(anthropic body: JSONField) throws {
        try AnthropicNotes.check(body)
        var messages = try Message.system(anthropic: body["system"])
        let fields = try body["messages"].elements
        guard !fields.isEmpty else { throw body["messages"].unexpected("at least one message") }
        for field in fields { messages += try Message.read(anthropic: field) }
        // Last: a result whose call nobody could read is not what is wrong.
        try Message.checkResults(anthropic: fields)
        let tools = try body["tools"].optional?.elements.map { try Tool(anthropic: $0) } ?? []
        // An assistant's last message is where the answer goes on; an empty one begins nothing.
        let isOpen = messages.last?.goesOn ?? false
        if isOpen { try Self.checkLastWords(messages.last, body, fields.count - 1) }
        if !isOpen, messages.last?.isSilent ?? false { messages.removeLast() }
        self.init(conversation: Conversation(messages: messages, ending: isOpen ? .open : .prompting), tools: tools)
        try add(choice: body["tool_choice"])
        thinking = try AskedThinking(anthropic: body)
        conversation.extra = thinking.variables
        budgetField = "thinking.budget_tokens"
        toolPlaces = ToolPlaces(name: "name", schema: "input_schema")
        form = try Self.form(body)
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

    private static func form(_ body: JSONField) throws -> AskedForm? {
        let old = body["output_format"].optional
        guard let format = body["output_config"]["format"].optional ?? old else { return nil }
        guard old == nil || old?.path == format.path else {
            throw APIError.invalid(
                "output_format",
                "'output_format' is an older name of 'output_config.format'; send one.",
                code: "invalid_value"
            )
        }
        guard try format["type"].string == "json_schema" else { throw format["type"].unexpected("'json_schema'") }
        let schema = format["schema"]
        return AskedForm(form: .schema(.object(try schema.object)), field: schema.path)
    }
}

extension AskedThinking {
    /// `adaptive` leaves it to the model, so that one which never thinks does as it was asked.
    fileprivate init(anthropic body: JSONField) throws {
        let config = body["output_config"], asked = config["effort"]
        _ = try config.optional?.object
        effort = try OpenAIFields.one(of: ["low", "medium", "high", "xhigh", "max"], asked)
        field = effort.map { _ in asked.path }
        guard let thinking = body["thinking"].optional else { return }
        _ = try thinking.object
        try OpenAIFields.one(of: ["summarized", "omitted"], thinking["display"])
        let limit = thinking["budget_tokens"]
        switch try thinking["type"].string {
        case "enabled":
            let tokens = try limit.integer(in: 1024...Int(Int32.max))
            if let most = body["max_tokens"].value?.integer, tokens >= most {
                throw APIError.invalid(
                    limit.path,
                    "'\(limit.path)' is \(tokens), but 'max_tokens', which counts thoughts as well, is \(most): it must be more.",
                    code: "invalid_value"
                )
            }
            (isOn, budget, field) = (true, tokens, "thinking")
        case "disabled": isOn = false
        case "adaptive": break
        default: throw thinking["type"].unexpected("'enabled', 'disabled' or 'adaptive'")
        }
        guard isOn == true || limit.optional == nil else {
            throw APIError.invalid(
                limit.path,
                "'\(limit.path)' is for thinking of type 'enabled'; leave it out.",
                code: "invalid_value"
            )
        }
    }
}

extension Tool {
    /// A tool as Anthropic describes one.
    fileprivate init(anthropic field: JSONField) throws {
        try AnthropicNotes.checkCache(field)
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
