import Text

extension ChatAsk {
    /// What a body of OpenAI's Responses API asks for.
    init(responses body: JSONField) throws {
        var messages: [Message] = []
        if let instructions = body["instructions"].optional { messages.append(.system(.text(try instructions.string))) }
        let input = body["input"]
        if let text = input.value?.string {
            messages.append(.user(.text(text)))
        } else {
            let items = try input.elements
            guard !items.isEmpty else { throw input.unexpected("a string, or at least one item") }
            for item in items { try Message.append(item, to: &messages) }
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
    }
}

extension Tool {
    /// A function as the Responses API describes one, without a member around it.
    fileprivate init(responses field: JSONField) throws {
        let type = try field["type"].string
        guard type == "function" else {
            let why = "'\(field.path)' is a tool of type '\(type)', which this server does not have."
            throw APIError.unsupported(field["type"].path, why)
        }
        var function = OrderedObject()
        for name in ["name", "description", "parameters", "strict"] {
            if let value = field[name].optional?.value { function[name] = value }
        }
        _ = try field["name"].string
        try self.init(JSONField(["type": "function", "function": .object(function)], path: field.path))
    }
}

extension Message {
    /// Adds an item of the input, which may go on with the assistant's last message.
    fileprivate static func append(_ item: JSONField, to messages: inout [Message]) throws {
        _ = try item.object
        switch try item["type"].optional?.string ?? "message" {
        case "message":
            let role = try item["role"].string
            guard ["user", "assistant", "system", "developer"].contains(role) else {
                throw item["role"].unexpected("'user', 'assistant', 'system' or 'developer'")
            }
            messages.append(Message(Role(rawValue: role), .text(try text(of: item["content"]))))
        case "function_call":
            if messages.last?.role != .assistant { messages.append(Message(.assistant, nil)) }
            let (id, name) = (try item["call_id"].string, try item["name"].string)
            let call = ToolCall(id: id, name: name, arguments: .string(try item["arguments"].string))
            messages[messages.count - 1].toolCalls.append(call)
        case "function_call_output":
            let text = try text(of: item["output"])
            messages.append(Message(.tool, .text(text), toolCallID: try item["call_id"].string))
        case "reasoning": break
        case let type:
            throw APIError.unsupported(
                item.path,
                "'\(item.path)' is an item of type '\(type)', which is not read here."
            )
        }
    }

    private static func text(of field: JSONField) throws -> String {
        if let text = field.value?.string { return text }
        guard field.value?.array != nil else { throw field.unexpected("a string or an array of parts") }
        return try field.elements.map { part in
            switch try part["type"].string {
            case "input_text", "output_text", "text": return try part["text"].string
            case "refusal": return try part["refusal"].string
            case let type:
                throw APIError.unsupported(
                    part.path,
                    "'\(part.path)' is a part of type '\(type)', which this model cannot read."
                )
            }
        }.joined(separator: "\n")
    }
}
