import Store
import Text

extension ChatAsk {
    /// What a body of OpenAI's Responses API asks for.
    ///
    /// - Parameters:
    ///   - history: items of the responses that it goes on from.
    ///   - seal: opens the thoughts that come back closed.
    init(responses body: JSONField, history: [JSON], _ input: ResponseInput, _ seal: Seal) throws {
        var messages: [Message] = []
        if let instructions = body["instructions"].optional { messages.append(.system(.text(try instructions.string))) }
        let instructions = messages.count
        for item in history { try Message.append(JSONField(item, path: "previous_response_id"), to: &messages, nil) }
        let items = input.items.enumerated().map { JSONField($1, path: "input[\($0)]") }
        try Self.checkCalls(items, after: history)
        for item in items { try Message.append(item, to: &messages, seal) }
        messages.removeAll(where: \.isThought)
        guard messages.count > instructions else {
            throw JSONField(.array(input.items), path: "input").unexpected("at least one message, besides reasoning")
        }
        let tools = try body["tools"].optional?.elements.map { try Tool(responses: $0) } ?? []
        self.init(conversation: Conversation(messages: messages, tools: tools.map(\.json)), tools: tools)
        choice = try ToolChoice(openAI: body["tool_choice"], isFlat: true)
        self.tools = try ToolChoice.allowed(body["tool_choice"], of: tools, isFlat: true)
        if choice == .none { conversation.tools = [] }
        isParallel = try body["parallel_tool_calls"].optional?.bool ?? true
        form = try AskedForm.responseFormat(body["text"]["format"], isFlat: true)
        thinking = try AskedThinking(responses: body)
        conversation.extra = thinking.variables
        toolPlaces = ToolPlaces(name: "name", schema: "parameters")
    }

    /// What a function gave back answers a call that stands before it.
    private static func checkCalls(_ items: [JSONField], after history: [JSON]) throws {
        var calls = OpenCalls()
        for item in history.map({ JSONField($0) }) { try? calls.add(item) }
        for item in items {
            try calls.add(item)
            guard item["type"].value == "function_call" else { continue }
            let arguments = item["arguments"]
            try Message.checkArguments(.string(try arguments.string), arguments)
        }
    }
}

extension OpenCalls {
    fileprivate mutating func add(_ item: JSONField) throws {
        switch item["type"].value {
        case "function_call": try make(item["call_id"])
        case "function_call_output": try answer(item["call_id"], unknown: APIError.unknownOutput)
        default: break
        }
    }
}

extension AskedThinking {
    /// What a body of the Responses API says.
    fileprivate init(responses body: JSONField) throws {
        let asked = body["reasoning"]["effort"], limit = body["thinking_budget"]
        effort = try OpenAIFields.one(of: Self.efforts, asked)
        let tokens = try limit.optional?.integer(in: 0...Int(Int32.max))
        guard effort != "none" else {
            try requireSilence(asked.path, effort: asked.path, tokens.map { (limit.path, $0) })
            isOn = false
            return
        }
        budget = tokens
        if effort != nil { field = asked.path } else if let tokens, tokens > 0 { field = limit.path }
    }
}

extension APIError {
    fileprivate static func unknownOutput(_ id: String, _ place: JSONField) -> APIError {
        .invalid(
            place.path,
            "'\(place.path)' is '\(id.prefix(80))', which is no function call before it. Send that call too, or go on from the response that made it.",
            code: "invalid_value"
        )
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
    /// Whether there is nothing but thoughts, which words or calls may follow.
    fileprivate var isThought: Bool { role == .assistant && content == nil && toolCalls.isEmpty }

    /// Adds an item, which may go on with the assistant's last message.
    ///
    /// - Parameter seal: nil takes thoughts as they stand open.
    fileprivate static func append(_ item: JSONField, to messages: inout [Message], _ seal: Seal?) throws {
        switch try item["type"].string {
        case "function_call":
            if messages.last?.role != .assistant { messages.append(Message(.assistant, nil)) }
            let (id, name) = (try item["call_id"].string, try item["name"].string)
            let call = ToolCall(id: id, name: name, arguments: .string(try item["arguments"].string))
            messages[messages.count - 1].toolCalls.append(call)
        case "function_call_output":
            let text = try output(item["output"])
            messages.append(Message(.tool, .text(text), toolCallID: try item["call_id"].string))
        case "reasoning":
            let thoughts = try thoughts(item, seal)
            guard !thoughts.isEmpty else { return }
            messages.append(Message(.assistant, nil))
            messages[messages.count - 1].reasoning = thoughts
        default:
            let parts = try item["content"].elements, role = Role(rawValue: try item["role"].string)
            let text = try parts.map { try ($0["text"].optional ?? $0["refusal"]).string }.joined(separator: "\n")
            guard role == .assistant, messages.last?.isThought == true else {
                return messages.append(Message(role, .text(text)))
            }
            messages[messages.count - 1].content = .text(text)
        }
    }

    /// What was thought; whether the model sees it again, its template says.
    private static func thoughts(_ item: JSONField, _ seal: Seal?) throws -> String {
        guard let seal, let closed = item["encrypted_content"].optional else {
            return try item["content"].optional?.elements.map { try $0["text"].string }.joined(separator: "\n") ?? ""
        }
        guard let text = seal.opening(try closed.string) else {
            throw APIError.invalid(
                closed.path,
                "'\(closed.path)' was not closed by this server, or was changed since. Send the item as it came, or leave it out.",
                code: "invalid_encrypted_content"
            )
        }
        return text
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
