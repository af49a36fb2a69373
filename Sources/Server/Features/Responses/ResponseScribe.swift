import Foundation
import Inference
import Store
import Text

/// Tells of one response in the words of OpenAI's Responses API: event by event, and as it stands.
struct ResponseScribe: Sendable {
    let stamp: Stamp, model: String
    /// What the request said, which the response says again.
    var asked: OrderedObject
    /// Whether thoughts are told as a summary.
    var summarises = false
    /// What thoughts are closed with, where they are to come so as well.
    var seal: Seal?
    /// Of the tokens whose likelihood is told; nil tells none.
    var vocabulary: (any Vocabulary)?

    private(set) var status = ResponseStatus.inProgress
    private(set) var items: [ResponseItem] = []
    private var outcome: Outcome?
    private var isCut = false
    private var failure: APIError?
    private var completed: Int?
    private var sequence = 0

    init(_ stamp: Stamp, _ model: String, _ asked: OrderedObject) {
        (self.stamp, self.model, self.asked) = (stamp, model, asked)
    }
}

// MARK: The response as it stands

extension ResponseScribe {
    var json: JSONWriter {
        var writer = JSONWriter()
        write(to: &writer)
        return writer
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("id", stamp.id)
            writer.field("object", "response")
            writer.field("created_at", stamp.created)
            writer.field("status", status.rawValue)
            writer.field("completed_at", completed)
            writer.member("error", writeFailure)
            writer.field("incomplete_details", status == .incomplete ? ["reason": "max_output_tokens"] : .null)
            writer.field("model", model)
            writer.member("output") { writer in
                writer.array(status.isFinal ? items : []) { $1.write(to: &$0, vocabulary) }
            }
            for (name, value) in asked { writer.member(name) { $0.value(value) } }
            guard status.isFinal else { return }
            guard let outcome else { return writer.null("usage") }
            writer.member("usage") { Self.writeUsage(outcome, to: &$0) }
        }
    }

    private func writeFailure(to writer: inout JSONWriter) {
        guard let failure else { return writer.null() }
        writer.object { writer in
            writer.field("code", "server_error")
            writer.field("message", failure.message)
        }
    }

    private static func writeUsage(_ outcome: Outcome, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("input_tokens", outcome.promptTokens)
            writer.member("input_tokens_details") { writer in
                writer.object { writer in
                    writer.field("cached_tokens", outcome.cachedTokens)
                    writer.field("cache_write_tokens", outcome.promptTokens - outcome.cachedTokens)
                }
            }
            writer.field("output_tokens", outcome.completionTokens)
            writer.member("output_tokens_details") { writer in
                writer.object { $0.field("reasoning_tokens", outcome.thoughtTokens) }
            }
            writer.field("total_tokens", outcome.promptTokens + outcome.completionTokens)
        }
    }
}

extension ResponseScribe {
    /// Tells the log line what it cost.
    func report(to context: AppContext) { outcome?.report(to: context) }
}

// MARK: From event to event

extension ResponseScribe {
    /// - Parameter isQueued: whether it is made in the background, where it may wait.
    mutating func begin(isQueued: Bool, to writer: inout JSONWriter) {
        status = isQueued ? .queued : .inProgress
        sendWhole("response.created", to: &writer)
        if isQueued {
            sendWhole("response.queued", to: &writer)
        } else {
            sendWhole("response.in_progress", to: &writer)
        }
    }

    mutating func tell(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .began:
            guard status == .queued else { return }
            status = .inProgress
            sendWhole("response.in_progress", to: &writer)
        case .thought(_, let text): write(text, in: summarises ? .summary : .reasoning, to: &writer)
        case .delta(_, let text, let tokens):
            // White space between thoughts and calls is no message.
            guard openItem?.kind == .message || !text.trimmed.isEmpty else { return }
            write(text, tokens, in: .message, to: &writer)
        case .call(_, _, let id, let name):
            close(.completed, to: &writer)
            open(.call, to: &writer) { ($0.callID, $0.name) = (id, name) }
        case .arguments(_, _, let text): write(text, in: .call, to: &writer)
        case .finished(_, let ending, let outcome):
            (self.outcome, isCut) = (outcome, ending.reason == .length)
            close(isCut ? .incomplete : .completed, to: &writer)
        case .ended: break
        }
    }

    /// All has been told: the last event is the only one that is left. Nothing changes after this.
    mutating func end(at time: Int, to writer: inout JSONWriter) {
        status = isCut ? .incomplete : .completed
        if !isCut { completed = time }
        sendWhole(isCut ? "response.incomplete" : "response.completed", to: &writer)
    }

    mutating func fail(_ error: APIError, to writer: inout JSONWriter) {
        close(.incomplete, to: &writer)
        (status, failure) = (.failed, error)
        sendWhole("response.failed", to: &writer)
    }

    /// OpenAI has no event for it: who listens hears no more.
    mutating func cancel(to writer: inout JSONWriter) {
        close(.incomplete, to: &writer)
        status = .cancelled
    }

    private mutating func sendWhole(_ name: StaticString, to writer: inout JSONWriter) {
        send(name, to: &writer) { scribe, writer in writer.member("response", scribe.write) }
    }
}

// MARK: Items

extension ResponseScribe {
    private var openItem: ResponseItem? { items.last.flatMap { $0.status == .inProgress ? $0 : nil } }

    private mutating func write(
        _ text: String,
        _ tokens: [TokenScore] = [],
        in kind: ResponseItem.Kind,
        to writer: inout JSONWriter
    ) {
        if openItem?.kind != kind {
            close(.completed, to: &writer)
            open(kind, to: &writer)
        }
        items[items.count - 1].text += text
        if vocabulary != nil { items[items.count - 1].scores += tokens }
        send(kind.deltaEvent, to: &writer) { scribe, writer in
            scribe.writePlace(to: &writer)
            writer.field("delta", text)
            if kind == .message {
                writer.member("logprobs") { $0.likelihoods(tokens, scribe.vocabulary, withBytes: false) }
            }
        }
    }

    private mutating func open(
        _ kind: ResponseItem.Kind,
        to writer: inout JSONWriter,
        _ fill: (inout ResponseItem) -> Void = { _ in }
    ) {
        let id = kind.prefix + stamp.id.dropFirst("resp_".count) + String(items.count)
        var item = ResponseItem(kind: kind, id: id)
        fill(&item)
        items.append(item)
        sendItem("response.output_item.added", to: &writer)
        sendPart(kind.partEvents?.added, "", to: &writer)
    }

    private mutating func close(_ status: ResponseItem.Status, to writer: inout JSONWriter) {
        guard let item = openItem else { return }
        send(item.kind.doneEvent, to: &writer) { scribe, writer in
            scribe.writePlace(to: &writer)
            if item.kind == .call {
                writer.field("name", item.name)
                writer.field("arguments", item.text)
            } else {
                writer.field("text", item.text)
            }
            if item.kind == .message {
                writer.member("logprobs") { $0.likelihoods(item.scores, scribe.vocabulary, withBytes: false) }
            }
        }
        sendPart(item.kind.partEvents?.done, item.text, to: &writer)
        items[items.count - 1].status = status
        if item.kind.isThought { items[items.count - 1].closed = seal?.closing(item.text) }
        sendItem("response.output_item.done", to: &writer)
    }

    private mutating func sendItem(_ name: StaticString, to writer: inout JSONWriter) {
        send(name, to: &writer) { scribe, writer in
            writer.field("output_index", scribe.items.count - 1)
            writer.member("item") { scribe.items.last?.write(to: &$0, scribe.vocabulary) }
        }
    }

    private mutating func sendPart(_ name: StaticString?, _ text: String, to writer: inout JSONWriter) {
        guard let name else { return }
        send(name, to: &writer) { scribe, writer in
            scribe.writePlace(to: &writer)
            writer.member("part") { writer in
                writer.object { scribe.items.last?.writePart(text, to: &$0, scribe.vocabulary) }
            }
        }
    }

    private func writePlace(to writer: inout JSONWriter) {
        guard let item = items.last else { return }
        writer.field("item_id", item.id)
        writer.field("output_index", items.count - 1)
        switch item.kind {
        case .summary: writer.field("summary_index", 0)
        case .reasoning, .message: writer.field("content_index", 0)
        case .call: break
        }
    }

    /// Every event has a name and its number.
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

extension ResponseItem.Kind {
    fileprivate var deltaEvent: StaticString {
        switch self {
        case .reasoning: "response.reasoning_text.delta"
        case .summary: "response.reasoning_summary_text.delta"
        case .message: "response.output_text.delta"
        case .call: "response.function_call_arguments.delta"
        }
    }

    fileprivate var doneEvent: StaticString {
        switch self {
        case .reasoning: "response.reasoning_text.done"
        case .summary: "response.reasoning_summary_text.done"
        case .message: "response.output_text.done"
        case .call: "response.function_call_arguments.done"
        }
    }

    /// Arguments are no part of anything.
    fileprivate var partEvents: (added: StaticString, done: StaticString)? {
        switch self {
        case .reasoning, .message: ("response.content_part.added", "response.content_part.done")
        case .summary: ("response.reasoning_summary_part.added", "response.reasoning_summary_part.done")
        case .call: nil
        }
    }
}
