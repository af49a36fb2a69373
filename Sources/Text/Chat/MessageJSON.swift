extension Message {
    /// Reads a message of OpenAI's chat API; the error names the place that is wrong.
    public init(_ field: JSONField) throws(JSONError) {
        role = Role(rawValue: try field["role"].string)
        guard !role.rawValue.isEmpty else { throw field["role"].unexpected("a role") }
        content = try Content(field["content"])
        toolCalls = []
        if let calls = field["tool_calls"].optional {
            for call in try calls.elements { toolCalls.append(try ToolCall(call)) }
        }
        guard content != nil || role == .assistant else { throw field["content"].unexpected("a string or an array") }
        toolCallID = try field["tool_call_id"].optional?.string
        name = try field["name"].optional?.string
        reasoning = try Self.reasoningNames.lazy.compactMap { field[$0].optional }.first?.string
        for (key, value) in try field.object where !Self.known.contains(key) { extra[key] = value }
    }

    public init(_ json: JSON) throws(JSONError) { try self.init(JSONField(json)) }

    private static let known: Set<String> = [
        "role", "content", "tool_calls", "tool_call_id", "name", "reasoning_content", "thinking", "reasoning",
    ]

    /// Servers differ in what they call it; the first is what templates read.
    private static let reasoningNames = ["reasoning_content", "thinking", "reasoning"]

    /// The message as the wire has it, arguments as text.
    public var json: JSON {
        var members = members(TemplateForm())
        if reasoning != nil { members["thinking"] = nil }
        return .object(members)
    }
}

extension Message.Content {
    fileprivate init?(_ field: JSONField) throws(JSONError) {
        guard let field = field.optional else { return nil }
        if let text = field.value?.string {
            self = .text(text)
            return
        }
        guard case .array(let parts)? = field.value else { throw field.unexpected("a string or an array") }
        for (index, part) in parts.enumerated() where part.string == nil {
            let type = try field[index]["type"].string
            if type == "text" { _ = try field[index]["text"].string }
        }
        self = .parts(parts.map { part in part.string.map { ["type": "text", "text": .string($0)] } ?? part })
    }
}

extension Message.ToolCall {
    fileprivate init(_ field: JSONField) throws(JSONError) {
        _ = try field.object
        if let type = field["type"].optional, try type.string != "function" { throw type.unexpected("'function'") }
        let function = field.member("function", orFlat: ["name"])
        _ = try function.object
        id = try field["id"].optional?.string
        name = try function["name"].nonEmptyString
        let arguments = function["arguments"].optional
        switch arguments?.value {
        case nil: self.arguments = [:]
        case .string(let text): self.arguments = .string(text)
        case .object(let members): self.arguments = .object(members)
        default: throw function["arguments"].unexpected("an object, or the text of one")
        }
    }
}
