import Text

/// What Ollama's message or response says.
struct OllamaSaid: Sendable {
    var text = "", thought = ""
    var calls: [Message.ToolCall] = []
}

extension JSONWriter {
    /// A call as Ollama has it: its arguments are an object.
    mutating func ollama(_ call: Message.ToolCall) {
        object { writer in
            writer.member("function") { writer in
                writer.object { writer in
                    writer.field("name", call.name)
                    let arguments = (try? JSON(parsing: call.arguments.string ?? "")) ?? [:]
                    writer.field("arguments", arguments)
                }
            }
        }
    }
}

extension AskedForm {
    /// Ollama's `format`: the word `json`, or a schema.
    init?(ollama field: JSONField) throws {
        guard let field = field.optional, field.value != "" else { return nil }
        if let word = field.value?.string {
            guard word == "json" else { throw field.unexpected("'json' or a JSON Schema") }
            self.init(form: .object, field: "format")
        } else {
            self.init(form: .schema(.object(try field.object)), field: "format")
        }
    }
}

extension ChatAsk {
    /// The fields that both of Ollama's routes have: `format` and `think`.
    mutating func add(ollama body: JSONField) throws {
        form = try AskedForm(ollama: body["format"])
        thinking = try AskedThinking(ollama: body["think"])
        conversation.extra.merge(thinking.variables) { $1 }
    }
}

extension AskedThinking {
    /// Ollama's `think`: a boolean, or how hard.
    fileprivate init(ollama field: JSONField) throws {
        guard let think = field.optional else { return }
        if let word = think.value?.string {
            guard ["low", "medium", "high", "max"].contains(word) else {
                throw think.unexpected("a boolean, 'low', 'medium', 'high' or 'max'")
            }
            (effort, isOn) = (word, true)
        } else {
            isOn = try think.bool
        }
        self.field = isOn == true ? think.path : nil
    }
}
