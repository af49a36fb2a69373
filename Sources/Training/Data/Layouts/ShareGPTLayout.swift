import Text

/// Turns of `from` and `value`: `human`, `gpt`, `system`, `function_call`, `observation`.
struct ShareGPTLayout {
    func example(_ row: JSONField) throws -> ChatExample {
        var messages = try row["conversations"].structured().elements.map { field in try message(field) }
        guard !messages.isEmpty else { throw row["conversations"].unexpected("at least one turn") }
        if let system = try row["system"].optional?.string, !system.isEmpty {
            messages.insert(.system(.text(system)), at: 0)
        }
        let tools = try row["tools"].structured().optional?.elements
        return ChatExample(messages, tools: try tools?.map { field throws(JSONError) in try Tool(any: field) } ?? [])
    }

    func preference(_ row: JSONField) throws -> PreferenceExample {
        PreferenceExample(
            try example(row),
            chosen: try answer(row["chosen"].structured()),
            rejected: try answer(row["rejected"].structured())
        )
    }

    private func answer(_ field: JSONField) throws -> [Message] {
        let message = try message(field)
        guard message.role == .assistant else { throw field["from"].unexpected("'gpt' or 'function_call'") }
        return [message]
    }

    func message(_ field: JSONField) throws -> Message {
        let value = field["value"]
        switch try field["from"].string {
        case "human", "user": return .user(.text(try value.string))
        case "gpt", "assistant", "chatgpt": return .assistant(.text(try value.string))
        case "system": return .system(.text(try value.string))
        case "observation", "tool": return Message(.tool, .text(try value.string))
        case "function_call": return Message(.assistant, nil, toolCalls: try calls(value))
        default: throw field["from"].unexpected("one of human, gpt, system, function_call, observation")
        }
    }

    /// One call, or several in an array, as JSON or the text of it.
    private func calls(_ field: JSONField) throws -> [Message.ToolCall] {
        let field = try field.structured()
        let calls = try field.value?.array == nil ? [field] : field.elements
        guard !calls.isEmpty else { throw field.unexpected("at least one call") }
        return try calls.map { call in
            let arguments = call["arguments"].optional?.value ?? [:]
            guard arguments.object != nil || arguments.string != nil else {
                throw call["arguments"].unexpected("an object, or the text of one")
            }
            return Message.ToolCall(name: try call["name"].string, arguments: arguments)
        }
    }
}
