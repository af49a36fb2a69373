import Text

/// OpenAI's `messages`, for supervised fine-tuning and for preferences.
struct ChatLayout {
    func example(_ row: JSONField) throws -> ChatExample {
        if row["functions"].optional != nil {
            throw RowProblem("'functions' is a name of the past; write 'tools', and 'tool_calls' in messages")
        }
        var example = try conversation(row["messages"].structured(), tools: row["tools"].structured())
        for (name, value) in try row["chat_template_kwargs"].optional?.object ?? [:] { example.extra[name] = value }
        if let parallel = row["parallel_tool_calls"].optional { _ = try parallel.bool }
        return example
    }

    func preference(_ row: JSONField) throws -> PreferenceExample {
        let prompt = try example(row["input"])
        return PreferenceExample(
            prompt,
            chosen: try answers(row["preferred_output"]),
            rejected: try answers(row["non_preferred_output"])
        )
    }

    func conversation(_ messages: JSONField, tools: JSONField = JSONField(nil)) throws -> ChatExample {
        let fields = try messages.elements
        guard !fields.isEmpty else { throw messages.unexpected("at least one message") }
        var example = ChatExample([])
        for field in fields {
            let (message, isLearnt) = try weighted(field)
            if !isLearnt { example.unlearnt.insert(example.messages.count) }
            example.messages.append(message)
        }
        example.tools = try tools.optional?.elements.map { field throws(JSONError) in try Tool(any: field) } ?? []
        return example
    }

    /// Messages with at least one of the assistant.
    func answers(_ field: JSONField) throws -> [Message] {
        let messages = try conversation(field).messages
        guard messages.contains(where: { $0.role == .assistant }) else {
            throw field.unexpected("at least one message of the assistant")
        }
        return messages
    }

    /// A message without its weight, which no template is to see.
    private func weighted(_ field: JSONField) throws -> (Message, isLearnt: Bool) {
        var message = try Message(field)
        if field["function_call"].optional != nil {
            throw field["function_call"].unexpected("left out for 'tool_calls'")
        }
        message.extra["function_call"] = nil
        if case .parts(let parts)? = message.content, let part = parts.first(where: { $0["type"] != "text" }) {
            throw field["content"].unexpected(
                "text alone; a part of type '\(part["type"]?.string ?? "")' is not learnt from"
            )
        }
        guard let weight = field["weight"].optional else { return (message, true) }
        guard message.role == .assistant else { throw weight.unexpected("left out except on what the assistant says") }
        message.extra["weight"] = nil
        guard let value = weight.value?.double, value == 0 || value == 1 else { throw weight.unexpected("0 or 1") }
        return (message, value == 1)
    }
}

/// `prompt` with what follows it.
struct PromptLayout {
    func example(_ row: JSONField) throws -> ChatExample {
        var example = try prompt(row)
        example.unlearnt = Set(example.messages.indices)
        example.messages += try turn(row["completion"], .assistant)
        return example
    }

    func preference(_ row: JSONField) throws -> PreferenceExample {
        PreferenceExample(
            try prompt(row),
            chosen: try turn(row["chosen"], .assistant),
            rejected: try turn(row["rejected"], .assistant)
        )
    }

    private func prompt(_ row: JSONField) throws -> ChatExample {
        var messages = try turn(row["prompt"], .user)
        if let system = try row["system"].optional?.string, !system.isEmpty {
            messages.insert(.system(.text(system)), at: 0)
        }
        return ChatExample(messages)
    }

    /// A text, or messages.
    private func turn(_ field: JSONField, _ role: Message.Role) throws -> [Message] {
        guard field.value?.array != nil else { return [Message(role, .text(try field.string))] }
        return try role == .assistant ? ChatLayout().answers(field) : ChatLayout().conversation(field).messages
    }
}

extension Tool {
    /// A tool as OpenAI has it, or only what its `function` holds.
    init(any field: JSONField) throws(JSONError) {
        guard field["function"].optional == nil, field["name"].optional != nil else {
            try self.init(field)
            return
        }
        let parameters = try field["parameters"].optional.map { field throws(JSONError) in JSON.object(try field.object)
        }
        self.init(
            name: try field["name"].string,
            description: try field["description"].optional?.string,
            parameters: parameters
        )
    }
}

extension JSONField {
    /// Itself, or what its text says in JSON, as a table or ShareGPT's `tools` has it.
    func structured() throws -> JSONField {
        guard let text = value?.string else { return self }
        guard !text.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D }) else {
            return JSONField(nil, path: path)
        }
        do { return JSONField(try JSON(parsing: text), path: path) } catch { throw unexpected("JSON") }
    }
}
