import Text

extension ChatAsk {
    /// What a body of OpenAI's chat API asks for.
    init(openAI body: JSONField) throws {
        self.init(conversation: try Conversation(body))
        tools = try body["tools"].optional?.elements.map { try Tool($0) } ?? []
        choice = try ToolChoice(openAI: body["tool_choice"])
        tools = try ToolChoice.allowed(body["tool_choice"], of: tools)
        isParallel = try body["parallel_tool_calls"].optional?.bool ?? true
        form = try AskedForm.read(body)
        thinking = try AskedThinking(openAI: body)
    }
}

extension ToolChoice {
    init(openAI field: JSONField) throws {
        guard let field = field.optional else {
            self = .auto
            return
        }
        if let word = field.value?.string {
            let words: [String: ToolChoice] = ["none": .none, "auto": .auto, "required": .required]
            guard let choice = words[word] else { throw field.unexpected("'none', 'auto', 'required' or a function") }
            self = choice
            return
        }
        _ = try field.object
        switch try field["type"].string {
        case "function": self = .named(try (field["function"].optional ?? field)["name"].string)
        case "allowed_tools":
            let inner = field["allowed_tools"].optional ?? field
            self = try ToolChoice(openAI: inner["mode"])
        default: throw field["type"].unexpected("'function' or 'allowed_tools'")
        }
    }

    /// The tools that `allowed_tools` names; all, where it is not there.
    static func allowed(_ field: JSONField, of tools: [Tool]) throws -> [Tool] {
        guard field.value?["type"] == "allowed_tools" else { return tools }
        let inner = field["allowed_tools"].optional ?? field, known = Set(tools.map(\.name))
        let names = try inner["tools"].elements.map { element in
            let name = (element["function"].optional ?? element)["name"]
            guard known.contains(try name.string) else { throw name.unexpected("the name of one of the 'tools'") }
            return try name.string
        }
        return tools.filter { names.contains($0.name) }
    }
}
