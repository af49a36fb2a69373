import Inference
import Text

// MARK: Events, each with its name and number

extension ResponsesExchange {
    static var framing: Framing {
        Framing(headers: Framing.events.headers) { writer, write in
            writer.raw("event: error\ndata: ")
            write(&writer)
            writer.raw("\n\n")
        } ping: {
            Framing.events.ping(&$0)
        }
    }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .began:
            for name: StaticString in ["response.created", "response.in_progress"] {
                send(name, to: &writer) { exchange, writer in
                    writer.member("response") { exchange.writeResponse(nil, nil, to: &$0) }
                }
            }
        case .thought(_, let text): write(text, in: .reasoning, "response.reasoning_text.delta", to: &writer)
        case .delta(_, let text, _):
            // White space between thoughts and calls is no message.
            guard items.last?.kind == .message && isOpen || !text.trimmed.isEmpty else { return }
            write(text, in: .message, "response.output_text.delta", to: &writer)
        case .call(_, _, let id, let name):
            close(to: &writer)
            add(.call)
            (items[items.count - 1].callID, items[items.count - 1].name) = (id, name)
            open(to: &writer)
        case .arguments(_, _, let text): write(text, in: .call, "response.function_call_arguments.delta", to: &writer)
        case .finished(_, let ending, let outcome): finish(ending, outcome, to: &writer)
        case .ended: break
        }
    }

    private var isOpen: Bool { items.count > closed }

    private mutating func write(
        _ text: String,
        in kind: ResponseItem.Kind,
        _ name: StaticString,
        to writer: inout JSONWriter
    ) {
        if !isOpen || items.last?.kind != kind {
            close(to: &writer)
            add(kind)
            open(to: &writer)
        }
        items[items.count - 1].text += text
        send(name, to: &writer) { exchange, writer in
            exchange.writePlace(to: &writer)
            writer.field("delta", text)
            if kind == .message { writer.member("logprobs") { $0.array { _ in } } }
        }
    }

    private mutating func open(to writer: inout JSONWriter) {
        guard let item = items.last else { return }
        send("response.output_item.added", to: &writer) { exchange, writer in
            writer.field("output_index", exchange.items.count - 1)
            writer.member("item") { item.write("in_progress", to: &$0) }
        }
        guard item.kind != .call else { return }
        send("response.content_part.added", to: &writer) { exchange, writer in
            exchange.writePlace(to: &writer)
            writer.member("part") { $0.object { item.writePart("", to: &$0) } }
        }
    }

    private mutating func close(_ status: StaticString = "completed", to writer: inout JSONWriter) {
        guard isOpen, let item = items.last else { return }
        let names: [ResponseItem.Kind: StaticString] = [
            .reasoning: "response.reasoning_text.done", .message: "response.output_text.done",
            .call: "response.function_call_arguments.done",
        ]
        send(names[item.kind] ?? "", to: &writer) { exchange, writer in
            exchange.writePlace(to: &writer)
            if item.kind == .call {
                writer.field("name", item.name)
                writer.field("arguments", item.text)
            } else {
                writer.field("text", item.text)
                if item.kind == .message { writer.member("logprobs") { $0.array { _ in } } }
            }
        }
        if item.kind != .call {
            send("response.content_part.done", to: &writer) { exchange, writer in
                exchange.writePlace(to: &writer)
                writer.member("part") { $0.object { item.writePart(item.text, to: &$0) } }
            }
        }
        send("response.output_item.done", to: &writer) { exchange, writer in
            writer.field("output_index", exchange.items.count - 1)
            writer.member("item") { item.write(status, to: &$0) }
        }
        closed = items.count
    }

    private mutating func finish(_ ending: Ending, _ outcome: Outcome, to writer: inout JSONWriter) {
        let isCut = ending.reason == .length
        close(isCut ? "incomplete" : "completed", to: &writer)
        send(isCut ? "response.incomplete" : "response.completed", to: &writer) { exchange, writer in
            writer.member("response") { exchange.writeResponse(ending, outcome, to: &$0) }
        }
    }

    private func writePlace(to writer: inout JSONWriter) {
        guard let item = items.last else { return }
        writer.field("item_id", item.id)
        writer.field("output_index", items.count - 1)
        if item.kind != .call { writer.field("content_index", 0) }
    }

    private mutating func send(
        _ name: StaticString,
        to writer: inout JSONWriter,
        _ members: (Self, inout JSONWriter) -> Void
    ) {
        writer.named(name) { writer in
            writer.field("sequence_number", sequence)
            members(self, &writer)
        }
        sequence += 1
    }
}
