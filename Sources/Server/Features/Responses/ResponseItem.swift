import Text

/// One thing of a response's output.
struct ResponseItem: Sendable {
    enum Kind: Sendable { case reasoning, message, call }

    let kind: Kind, id: String
    /// The text of thoughts or words, or of a call's arguments.
    var text = ""
    var callID = "", name = ""

    func write(_ status: StaticString, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("id", id)
            switch kind {
            case .reasoning:
                writer.field("type", "reasoning")
                writer.member("summary") { $0.array { _ in } }
                writer.member("content") { writer in
                    writer.array { writer in if !text.isEmpty { writer.object { writePart(text, to: &$0) } } }
                }
            case .message:
                writer.field("type", "message")
                writer.field("role", "assistant")
                writer.member("content") { writer in
                    writer.array { writer in if !text.isEmpty { writer.object { writePart(text, to: &$0) } } }
                }
            case .call:
                writer.field("type", "function_call")
                writer.field("call_id", callID)
                writer.field("name", name)
                writer.field("arguments", text)
            }
            writer.member("status") { $0.value("\(status)") }
        }
    }

    /// The members of its only part.
    func writePart(_ text: String, to writer: inout JSONWriter) {
        writer.field("type", kind == .message ? "output_text" : "reasoning_text")
        writer.field("text", text)
        guard kind == .message else { return }
        writer.member("annotations") { $0.array { _ in } }
        writer.member("logprobs") { $0.array { _ in } }
    }
}
