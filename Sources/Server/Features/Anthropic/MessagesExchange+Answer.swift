import Inference
import NIOCore
import Text

/// Which block of its content a streamed message is in.
struct AnthropicBlocks: Sendable {
    enum Kind: Sendable { case thinking, text, tool }

    var kind: Kind?
    /// How many have begun.
    var count = 0
    /// White space that may be all there is of a text.
    var space = ""
}

// MARK: Whole

extension MessagesExchange {
    func write(_ answer: Answer, to writer: inout JSONWriter) {
        guard let choice = answer.choices.first else { return }
        writer.object { writer in
            writeHead(to: &writer)
            writer.member("content") { $0.array { writeContent(choice, to: &$0) } }
            writeStop(choice.ending, answer.outcome, to: &writer)
            writer.member("usage") { $0.object { writeUsage(answer.outcome, to: &$0) } }
        }
    }

    private func writeHead(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("type", "message")
        writer.field("role", "assistant")
        writer.field("model", model)
    }

    private func writeContent(_ choice: Answer.Choice, to writer: inout JSONWriter) {
        if !choice.thought.isEmpty {
            writer.object { writer in
                writer.field("type", "thinking")
                writer.field("thinking", omitsThoughts ? "" : choice.thought)
                writer.field("signature", "")
            }
        }
        if !choice.text.trimmed.isEmpty {
            writer.object { writer in
                writer.field("type", "text")
                writer.field("text", choice.text)
            }
        }
        for call in choice.calls {
            writer.object { writer in
                writer.field("type", "tool_use")
                writer.field("id", call.id)
                writer.field("name", call.name)
                // A call that was cut by the limit is no JSON.
                writer.field("input", (try? JSON(parsing: call.arguments.string ?? "")) ?? [:])
            }
        }
    }

    private func writeStop(_ ending: Ending, _ outcome: Outcome, to writer: inout JSONWriter) {
        var reason = ending.hasCalls ? "tool_use" : "end_turn", sequence: String?
        switch ending.reason {
        case .stopString(let text): (reason, sequence) = ("stop_sequence", text)
        case .length:
            let isWhole = outcome.completionTokens >= order.maxTokens ?? 0
            reason = isWhole ? "max_tokens" : "model_context_window_exceeded"
        case .endOfText, .cancelled: break
        }
        writer.field("stop_reason", reason)
        writer.field("stop_sequence", sequence)
    }

    private func writeUsage(_ outcome: Outcome, to writer: inout JSONWriter) {
        writer.field("input_tokens", outcome.promptTokens - outcome.cachedTokens)
        writer.field("cache_creation_input_tokens", 0)
        writer.field("cache_read_input_tokens", outcome.cachedTokens)
        writer.field("output_tokens", outcome.completionTokens)
    }
}

// MARK: Streamed

extension MessagesExchange {
    /// Events with their names; what is written in between is a failure, or nothing to say.
    static var framing: Framing {
        Framing(headers: Framing.events.headers) { writer, write in
            writer.raw("event: error\ndata: ")
            write(&writer)
            writer.raw("\n\n")
        } ping: {
            $0.raw("event: ping\ndata: {\"type\":\"ping\"}\n\n")
        }
    }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .began: writeStart(to: &writer)
        case .thought(_, let text):
            enter(.thinking, to: &writer) { $0.field("thinking", "") }
            if !omitsThoughts { writeDelta("thinking_delta", to: &writer) { $0.field("thinking", text) } }
        case .delta(_, let text, _): writeText(text, to: &writer)
        case .call(_, _, let id, let name):
            leave(to: &writer)
            enter(.tool, to: &writer) { writer in
                writer.field("id", id)
                writer.field("name", name)
                writer.field("input", [:])
            }
        case .arguments(_, _, let text):
            writeDelta("input_json_delta", to: &writer) { $0.field("partial_json", text) }
        case .finished(_, let ending, let outcome): writeEnd(ending, outcome, to: &writer)
        case .ended: writer.named("message_stop") { _ in }
        }
    }

    private func writeStart(to writer: inout JSONWriter) {
        writer.named("message_start") { writer in
            writer.member("message") { writer in
                writer.object { writer in
                    writeHead(to: &writer)
                    writer.member("content") { $0.array { _ in } }
                    writer.null("stop_reason")
                    writer.null("stop_sequence")
                    writer.member("usage") { writer in
                        writer.object { writer in
                            writer.field("input_tokens", promptTokens)
                            writer.field("cache_creation_input_tokens", 0)
                            writer.field("cache_read_input_tokens", 0)
                            writer.field("output_tokens", 0)
                        }
                    }
                }
            }
        }
    }

    private mutating func writeText(_ text: String, to writer: inout JSONWriter) {
        if blocks.kind != .text {
            blocks.space += text
            guard !blocks.space.trimmed.isEmpty else { return }
        }
        let words = blocks.kind == .text ? text : blocks.space
        blocks.space = ""
        enter(.text, to: &writer) { $0.field("text", "") }
        writeDelta("text_delta", to: &writer) { $0.field("text", words) }
    }

    /// Begins a block, unless the stream is in one of its kind.
    private mutating func enter(
        _ kind: AnthropicBlocks.Kind,
        to writer: inout JSONWriter,
        _ members: (inout JSONWriter) -> Void
    ) {
        guard blocks.kind != kind else { return }
        leave(to: &writer)
        let types: [AnthropicBlocks.Kind: String] = [.thinking: "thinking", .text: "text", .tool: "tool_use"]
        writer.named("content_block_start") { writer in
            writer.field("index", blocks.count)
            writer.member("content_block") { writer in
                writer.object { writer in
                    writer.field("type", types[kind] ?? "")
                    members(&writer)
                    if kind == .thinking { writer.field("signature", "") }
                }
            }
        }
        (blocks.kind, blocks.count) = (kind, blocks.count + 1)
    }

    private mutating func leave(to writer: inout JSONWriter) {
        blocks.space = ""
        guard let kind = blocks.kind else { return }
        if kind == .thinking { writeDelta("signature_delta", to: &writer) { $0.field("signature", "") } }
        writer.named("content_block_stop") { $0.field("index", blocks.count - 1) }
        blocks.kind = nil
    }

    private func writeDelta(_ type: String, to writer: inout JSONWriter, _ members: (inout JSONWriter) -> Void) {
        writer.named("content_block_delta") { writer in
            writer.field("index", blocks.count - 1)
            writer.member("delta") { writer in
                writer.object { writer in
                    writer.field("type", type)
                    members(&writer)
                }
            }
        }
    }

    private mutating func writeEnd(_ ending: Ending, _ outcome: Outcome, to writer: inout JSONWriter) {
        leave(to: &writer)
        writer.named("message_delta") { writer in
            writer.member("delta") { $0.object { writeStop(ending, outcome, to: &$0) } }
            writer.member("usage") { $0.object { writeUsage(outcome, to: &$0) } }
        }
    }
}

extension JSONWriter {
    /// A server-sent event with its name, which its data has as its type.
    mutating func named(_ name: StaticString, _ members: (inout JSONWriter) -> Void) {
        raw("event: ")
        raw(name)
        raw("\ndata: ")
        object { writer in
            writer.member("type") { $0.value("\(name)") }
            members(&writer)
        }
        raw("\n\n")
    }
}
