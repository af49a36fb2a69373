import Text

extension Message {
    /// An assistant's message with nothing in it.
    var isSilent: Bool {
        role == .assistant && toolCalls.isEmpty && reasoning == nil && content?.text.isEmpty != false
    }

    static func system(anthropic field: JSONField) throws -> [Message] {
        guard let field = field.optional else { return [] }
        let text = try text(anthropic: field)
        return text.isEmpty ? [] : [.system(.text(text))]
    }

    /// A text, or blocks of which each is a text in the end.
    private static func text(anthropic field: JSONField) throws -> String {
        if let text = field.value?.string { return text }
        guard field.value?.array != nil else { throw field.unexpected("a string or an array of blocks") }
        return try field.elements.map { block in
            guard let text = try AnthropicBlock.text(block) else { throw try AnthropicBlock.unreadable(block) }
            return text
        }.joined(separator: "\n")
    }

    /// What a tool gave back answers a call of the turn before, and the turn behind calls answers them all, as their API
    /// insists. Messages of one role are one turn. What a search found answers the search in the same turn, if anything does.
    static func checkResults(anthropic fields: [JSONField]) throws {
        var calls = OpenCalls(), searches = OpenCalls(), last: JSON?
        for field in fields {
            let blocks = field["content"].value?.array == nil ? [] : try field["content"].elements
            let isCalling = field["role"].value == "assistant"
            if isCalling, last != "assistant" {
                try calls.requireAnswers()
                searches = OpenCalls()
            }
            for block in blocks {
                switch block["type"].value {
                case "tool_result": try calls.answer(block["tool_use_id"], unknown: APIError.unknownUse)
                case "tool_use" where isCalling: try calls.make(block["id"])
                case "server_tool_use" where isCalling: try searches.make(block["id"])
                case "web_search_tool_result" where isCalling:
                    try searches.answer(block["tool_use_id"], unknown: APIError.unknownSearch)
                default: break
                }
            }
            last = field["role"].value
        }
        if last != "assistant" { try calls.requireAnswers() }
    }

    /// One message of theirs is several of ours where tools have answered.
    static func read(anthropic field: JSONField) throws -> [Message] {
        _ = try field.object
        let role = try field["role"].string, content = field["content"]
        guard ["user", "assistant", "system"].contains(role) else {
            throw field["role"].unexpected("'user' or 'assistant'")
        }
        if let text = content.value?.string { return [Message(Role(rawValue: role), .text(text))] }
        guard content.value?.array != nil else { throw content.unexpected("a string or an array of blocks") }
        guard content.value != [] || role == "assistant" else { throw content.unexpected("at least one block") }
        return try role == "assistant" ? [assistant(content)] : others(content, Role(rawValue: role))
    }

    private static func assistant(_ content: JSONField) throws -> Message {
        var message = Message(.assistant, nil), words = Words(), thoughts: [String] = []
        for block in try content.elements {
            _ = try block.object
            switch try block["type"].string {
            case "text": words.add(try AnthropicBlock.text(block) ?? "")
            case "server_tool_use": words.add(try AnthropicSearch.question(block), isApart: true)
            case "web_search_tool_result": words.add(try AnthropicSearch.answer(block), isApart: true)
            case "thinking":
                _ = try block["signature"].optional?.string
                thoughts.append(try block["thinking"].string)
            case "redacted_thinking": _ = try block["data"].string
            case "tool_use":
                try AnthropicNotes.checkCache(block)
                let input = JSON.object(try block["input"].object)
                message.toolCalls.append(
                    .init(id: try block["id"].string, name: try block["name"].nonEmptyString, arguments: input)
                )
            default: throw try AnthropicBlock.unreadable(block)
            }
        }
        if words.areThere || message.toolCalls.isEmpty { message.content = .text(words.text) }
        if !thoughts.isEmpty { message.reasoning = thoughts.joined() }
        return message
    }

    private static func others(_ content: JSONField, _ role: Role) throws -> [Message] {
        var answers: [Message] = [], texts: [String] = []
        for block in try content.elements {
            _ = try block.object
            switch try block["type"].string {
            case "tool_result":
                try AnthropicNotes.checkCache(block)
                var text = try block["content"].optional.map { try self.text(anthropic: $0) } ?? ""
                if try block["is_error"].optional?.bool ?? false { text = "Error: " + text }
                answers.append(Message(.tool, .text(text), toolCallID: try block["tool_use_id"].string))
            default:
                guard let text = try AnthropicBlock.text(block) else { throw try AnthropicBlock.unreadable(block) }
                texts.append(text)
            }
        }
        guard !texts.isEmpty || answers.isEmpty else { return answers }
        return answers + [Message(role, .text(texts.joined(separator: "\n")))]
    }
}

/// What an assistant said. A search of the web stands on lines of its own in it.
private struct Words {
    private(set) var text = "", areThere = false
    private var endsApart = false

    mutating func add(_ more: String, isApart: Bool = false) {
        areThere = true
        guard !more.isEmpty else { return }
        if !text.isEmpty, isApart || endsApart { text += "\n" }
        text += more
        endsApart = isApart
    }
}

extension APIError {
    fileprivate static func unknownUse(_ id: String, _ place: JSONField) -> APIError {
        .invalid(
            place.path,
            "'\(place.path)' is '\(id.prefix(80))', which is no 'tool_use' of the turn before. Send that turn too.",
            code: "invalid_value"
        )
    }

    fileprivate static func unknownSearch(_ id: String, _ place: JSONField) -> APIError {
        .invalid(
            place.path,
            "'\(place.path)' is '\(id.prefix(80))', which is no 'server_tool_use' before it in this turn. Send that block too.",
            code: "invalid_value"
        )
    }
}
