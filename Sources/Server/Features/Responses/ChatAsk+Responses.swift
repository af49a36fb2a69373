import Text

extension ChatAsk {
    /// What a body of OpenAI's Responses API asks for.
    ///
    /// - Parameter history: items of the responses that it goes on from.
    init(responses body: JSONField, history: [JSON], _ input: ResponseInput) throws {
        var messages: [Message] = []
        if let instructions = body["instructions"].optional { messages.append(.system(.text(try instructions.string))) }
        for item in history { try Message.append(JSONField(item, path: "previous_response_id"), to: &messages) }
        for (index, item) in input.items.enumerated() {
            try Message.append(JSONField(item, path: "input[\(index)]"), to: &messages)
        }
        let tools = try body["tools"].optional?.elements.map { try Tool(responses: $0) } ?? []
        self.init(conversation: Conversation(messages: messages, tools: tools.map(\.json)), tools: tools)
        choice = try ToolChoice(openAI: body["tool_choice"])
        if let names = try ToolChoice.allowed(body["tool_choice"]) {
            self.tools = tools.filter { names.contains($0.name) }
        }
        if choice == .none { conversation.tools = [] }
        isParallel = try body["parallel_tool_calls"].optional?.bool ?? true
        form = try AskedForm.responseFormat(body["text"].optional?["format"] ?? JSONField(nil))
        if let effort = try body["reasoning"].optional?["effort"].optional?.string {
            conversation.extra["reasoning_effort"] = .string(effort)
            if effort == "none" { conversation.extra["enable_thinking"] = false }
        }
        thoughtBudget = try body["thinking_budget"].optional?.integer(in: 0...Int(Int32.max))
    }
}

extension Tool {
    /// A function as the Responses API describes one, without a member around it.
    fileprivate init(responses field: JSONField) throws {
        let type = try field["type"].string
        guard type == "function" else {
            let why = "'\(field.path)' is a tool of type '\(type.prefix(80))', which this server does not have."
            throw APIError.unsupported(field["type"].path, why)
        }
        var function = OrderedObject()
        for name in ["name", "description", "parameters", "strict"] {
            if let value = field[name].optional?.value { function[name] = value }
        }
        _ = try field["name"].string
        _ = try field["description"].optional?.string
        _ = try field["parameters"].optional?.object
        _ = try field["strict"].optional?.bool
        try self.init(JSONField(["type": "function", "function": .object(function)], path: field.path))
    }
}

extension Message {
    /// Adds an item, which may go on with the assistant's last message.
    fileprivate static func append(_ item: JSONField, to messages: inout [Message]) throws {
        switch try item["type"].string {
        case "function_call":
            if messages.last?.role != .assistant { messages.append(Message(.assistant, nil)) }
            let (id, name) = (try item["call_id"].string, try item["name"].string)
            let call = ToolCall(id: id, name: name, arguments: .string(try item["arguments"].string))
            messages[messages.count - 1].toolCalls.append(call)
        case "function_call_output":
            let text = try output(item["output"])
            messages.append(Message(.tool, .text(text), toolCallID: try item["call_id"].string))
        case "reasoning": break  // templates leave out what was thought before
        default:
            let parts = try item["content"].elements
            let texts = try parts.map { try ($0["text"].optional ?? $0["refusal"]).string }
            messages.append(Message(Role(rawValue: try item["role"].string), .text(texts.joined(separator: "\n"))))
        }
    }

    /// What a function gave back: a text, or parts that are texts.
    private static func output(_ field: JSONField) throws -> String {
        if let text = field.value?.string { return text }
        guard field.value?.array != nil else { throw field.unexpected("a string or an array of parts") }
        return try field.elements.map { part in
            let type = try part["type"].string
            guard ["input_text", "output_text", "text"].contains(type) else {
                throw APIError.unsupported(
                    part.path,
                    "'\(part.path)' is a part of type '\(type.prefix(80))', which this model cannot read."
                )
            }
            return try part["text"].string
        }.joined(separator: "\n")
    }
}
