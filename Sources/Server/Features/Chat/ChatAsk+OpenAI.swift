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
    /// - Parameter isFlat: whether what is chosen has no member around it, as in the Responses API.
    init(openAI field: JSONField, isFlat: Bool = false) throws {
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
        case "function": self = .named(try Self.function(field, isFlat)["name"].string)
        case "allowed_tools":
            let mode = try OpenAIFields.word(of: ["auto", "required"], Self.allowance(field, isFlat)["mode"])
            self = mode == "auto" ? .auto : .required
        default: throw field["type"].unexpected("'function' or 'allowed_tools'")
        }
    }

    /// The tools that `allowed_tools` names; all, where it is not there.
    static func allowed(_ field: JSONField, of tools: [Tool], isFlat: Bool = false) throws -> [Tool] {
        guard field.value?["type"] == "allowed_tools" else { return tools }
        let known = Set(tools.map(\.name))
        let names = try allowance(field, isFlat)["tools"].elements.map { element in
            _ = try element.object
            try OpenAIFields.word(of: ["function"], element["type"])
            let name = try function(element, isFlat)["name"]
            guard known.contains(try name.string) else { throw name.unexpected("the name of one of the 'tools'") }
            return try name.string
        }
        return tools.filter { names.contains($0.name) }
    }

    private static func function(_ field: JSONField, _ isFlat: Bool) throws -> JSONField {
        try inner(field, "function", ["name"], isFlat)
    }

    private static func allowance(_ field: JSONField, _ isFlat: Bool) throws -> JSONField {
        try inner(field, "allowed_tools", ["mode", "tools"], isFlat)
    }

    /// The member that has the others in one API, and itself in the other; each takes the other's spelling where it is there.
    private static func inner(
        _ field: JSONField,
        _ name: String,
        _ members: [String],
        _ isFlat: Bool
    ) throws -> JSONField {
        let inner = isFlat ? field[name].optional ?? field : field.member(name, orFlat: members)
        _ = try inner.object
        return inner
    }
}
