/// Tools told to a model in plain messages, for a chat template that knows none.
///
/// The declaration stands where the conversation begins and says nothing but the tools, so turns have their prefix in common.
public struct GenericTools: Sendable, Hashable {
    /// How the model is asked to write calls.
    let calls: CallForm
    /// Whether the template writes calls and their results itself, and only declares no tools.
    let showsCalls: Bool
    /// Whether a system's message may declare them; if not, the first user's does, before their words.
    let hasSystemRole: Bool

    /// The conversation as messages that the template can show.
    func messages(_ messages: [Message], tools: [JSON]) -> [Message] {
        let shown = showsCalls ? messages : written(messages)
        return tools.isEmpty ? shown : declaring(.text(declaration(of: tools)), in: shown)
    }

    private func declaring(_ declaration: Message.Content, in messages: [Message]) -> [Message] {
        var messages = messages
        if hasSystemRole, let first = messages.first, first.role == .system {
            messages[0].content = first.content?.followed(by: declaration) ?? declaration
        } else if !hasSystemRole, let index = messages.firstIndex(where: { $0.role == .user }) {
            messages[index].content = messages[index].content.map(declaration.followed(by:)) ?? declaration
        } else {
            messages.insert(Message(hasSystemRole ? .system : .user, declaration), at: 0)
        }
        return messages
    }

    private func declaration(of tools: [JSON]) -> String {
        let example = Message.ToolCall(name: "NAME", arguments: .string("{\"ARGUMENT\": VALUE}"))
        let end = calls.join == nil ? "Nothing" : "Several calls may follow each other; nothing else"
        let results = showsCalls ? "" : " Results come between <tool_response> and </tool_response>."
        return """
            # Tools

            You can call these functions. Each line describes one in JSON, with a JSON Schema of its arguments:
            <tools>
            \(tools.map { $0.text(.python) }.joined(separator: "\n"))
            </tools>

            To call one, write its name and its arguments, a JSON object, in exactly this form:
            \(calls.text(of: [example]))
            Call a function only where it helps; otherwise answer in words. \(end) follows a call.\(results)
            """
    }
}

// MARK: Calls and results

extension GenericTools {
    /// Calls as an assistant's text; results as a user's, in one message with what the user says next, for many templates
    /// insist on turns that alternate.
    private func written(_ messages: [Message]) -> [Message] {
        var result: [Message] = [], last: Message.Role?
        for message in messages {
            let plain = plain(message)
            if last == .tool, plain.role == .user, let before = result.last?.content {
                result[result.count - 1].content = plain.content.map(before.followed(by:)) ?? before
            } else {
                result.append(plain)
            }
            last = message.role
        }
        return result
    }

    private func plain(_ message: Message) -> Message {
        guard message.role != .tool else {
            return .user("<tool_response>\n\(message.content?.text ?? "")\n</tool_response>")
        }
        guard !message.toolCalls.isEmpty else { return message }
        var plain = message
        let words = message.content?.text ?? "", text = calls.text(of: message.toolCalls)
        plain.content = .text(words + (words.isEmpty || words.hasSuffix("\n") ? "" : "\n") + text)
        plain.toolCalls = []
        return plain
    }
}

extension CallForm {
    /// The form that the most models know, of those that are no control tokens: that of Hermes and Qwen.
    public static let hermes = CallForm(
        open: "<tool_call>\n{\"name\": \"",
        mid: .init("\", \"arguments\": "),
        close: .init("}\n</tool_call>"),
        join: .init("}\n</tool_call>\n<tool_call>\n{\"name\": \"")
    )

    /// Calls as a model would write them, where arguments are one JSON object.
    fileprivate func text(of calls: [Message.ToolCall]) -> String {
        let texts = calls.map { $0.name + mid.text + $0.argumentText }
        return open + texts.joined(separator: join?.text ?? "") + close.text
    }
}

extension CallForm.Piece {
    /// Its text, with some identity where it has one.
    fileprivate var text: String { before + (after.map { "123456789" + $0 } ?? "") }
}

extension Message.Content {
    /// Both, with an empty line between their texts.
    fileprivate func followed(by next: Self) -> Self {
        if case (.text(let text), .text(let more)) = (self, next) {
            return .text([text, more].filter { !$0.isEmpty }.joined(separator: "\n\n"))
        }
        var parts = list, rest = next.list[...]
        if let text = parts.last?["text"]?.string, let more = rest.first?["text"]?.string {
            // Templates differ in what they put between parts.
            parts[parts.count - 1] = ["type": "text", "text": .string(text + "\n\n" + more)]
            rest = rest.dropFirst()
        }
        return .parts(parts + rest)
    }

    private var list: [JSON] {
        switch self {
        case .text(let text): [["type": "text", "text": .string(text)]]
        case .parts(let parts): parts
        }
    }
}
