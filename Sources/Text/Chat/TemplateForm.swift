/// The form in which a template wants messages; templates differ, and only trying tells.
struct TemplateForm: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        /// Only text: parts are joined.
        case text
        /// Only parts: text becomes the only one.
        case parts
        case either
    }

    var content = Content.either
    /// Whether a call's arguments are an object rather than the text of one.
    var parsesArguments = false
    /// Whether a call has its name and arguments itself rather than in `function`.
    var isFlat = false
    /// Whether a message without content gets an empty text.
    var fillsContent = false
    /// Whether a function without a description gets an empty one.
    var fillsDescription = false
}

extension JSON {
    /// What of a tool is meant for the server alone: what it holds calls to, and what it keeps or looks up.
    private static let serversOwn = ["strict", "cache_control", "defer_loading"]

    /// A tool as a model is told of it.
    var toldTool: JSON {
        guard var members = object else { return self }
        for name in Self.serversOwn { members[name] = nil }
        if let function = members["function"], function.object != nil { members["function"] = function.toldTool }
        return .object(members)
    }

    /// A tool as a template sees it.
    func tool(_ form: TemplateForm) -> JSON {
        guard form.fillsDescription, var members = object, var function = members["function"]?.object,
            function["description"]?.string == nil
        else { return self }
        function["description"] = ""
        members["function"] = .object(function)
        return .object(members)
    }
}

extension Message {
    /// The message as a template sees it.
    func members(_ form: TemplateForm) -> OrderedObject {
        var members = OrderedObject()
        if let reasoning { members["thinking"] = .string(reasoning) }  // the name that some templates know it by
        members["role"] = .string(role.rawValue)
        members["content"] = content?.json(form.content) ?? (form.fillsContent ? "" : .null)
        if let reasoning { members["reasoning_content"] = .string(reasoning) }
        if let name { members["name"] = .string(name) }
        if !toolCalls.isEmpty { members["tool_calls"] = .array(toolCalls.map { $0.json(form) }) }
        if let toolCallID { members["tool_call_id"] = .string(toolCallID) }
        for (key, value) in extra { members[key] = value }
        return members
    }
}

extension Message.Content {
    fileprivate func json(_ form: TemplateForm.Content) -> JSON {
        switch (self, form) {
        case (.text(let text), .parts): [["type": "text", "text": .string(text)]]
        case (.text(let text), _): .string(text)
        case (.parts, .text): .string(text)
        case (.parts(let parts), _): .array(parts)
        }
    }
}

extension Message.ToolCall {
    fileprivate func json(_ form: TemplateForm) -> JSON {
        let function: OrderedObject = [
            "name": .string(name), "arguments": form.parsesArguments ? parsedArguments : .string(argumentText),
        ]
        var members = OrderedObject()
        if let id { members["id"] = .string(id) }
        members["type"] = "function"
        guard form.isFlat else {
            members["function"] = .object(function)
            return .object(members)
        }
        for (key, value) in function { members[key] = value }
        return .object(members)
    }

    /// Arguments that are no JSON stay text: a model wrote them, and its words are not to be lost. No text is no arguments.
    private var parsedArguments: JSON {
        guard case .string(let text) = arguments else { return arguments }
        if text.allSatisfy(\.isWhitespace) { return [:] }
        return (try? JSON(parsing: text)) ?? arguments
    }

    /// Arguments in one spelling, whichever a client has, so that a conversation is the same text through every API.
    var argumentText: String {
        let arguments = parsedArguments
        return arguments.string == nil ? arguments.text(.python) : self.arguments.string ?? ""
    }
}
