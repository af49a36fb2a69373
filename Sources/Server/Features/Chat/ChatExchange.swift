import Inference
import Text

/// A conversation goes on, in OpenAI's words.
struct ChatExchange: Dialect {
    let order: Order
    private let envelope: OpenAIEnvelope, vocabulary: any Vocabulary
    /// The tokens written so far, where every chunk is to tell them.
    private var written: Int?

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        try self.init(body, to: model, facilities, identity: "chatcmpl-")
    }

    /// - Parameters:
    ///   - prefix: what the answer's identity begins with.
    ///   - countsChunks: whether every chunk of a stream tells the usage so far.
    ///   - refusals: what is refused and known in the dialect's words.
    init(
        _ body: JSONField,
        to model: any GenerativeModel,
        _ facilities: Facilities,
        identity prefix: String,
        countsChunks: Bool = false,
        refusals: Refusals = ChatExchange.refusals
    ) throws {
        written = countsChunks ? 0 : nil
        let ignored = try refusals.check(body)
        try OpenAIFields.checkNotes(body)
        var order = try Order(openAI: body, for: model, maximumChoices: facilities.options.maximumChoices)
        envelope = OpenAIEnvelope(
            stamp: facilities.stamp(prefix),
            model: model.card.name,
            whole: "chat.completion",
            chunk: "chat.completion.chunk",
            includesUsage: try OpenAIFields.includesUsage(body)
        )
        vocabulary = model.vocabulary
        order.maxTokens = try Self.maxTokens(body)
        order.topLogprobs = try Self.topLogprobs(body)
        order.prediction = try Prediction.tokens(body["prediction"], vocabulary)
        order.promptField = "messages"
        order.ignoredFields = ignored
        try order.add(ChatAsk(openAI: body), for: model, stamp: envelope.stamp.id)
        self.order = order
    }
}

// MARK: The answer

extension ChatExchange {
    func write(_ answer: Answer, to writer: inout JSONWriter) {
        envelope.write(answer, to: &writer) { writer, index, choice in
            writer.field("index", index)
            writer.member("message") { $0.object { writeMessage(choice, to: &$0) } }
            writeLogprobs(choice.tokens, to: &writer)
            writer.field("finish_reason", choice.ending.word)
        }
    }

    private func writeMessage(_ choice: Answer.Choice, to writer: inout JSONWriter) {
        writer.field("role", "assistant")
        writer.field("content", choice.text.isEmpty && !choice.calls.isEmpty ? nil : choice.text)
        if !choice.thought.isEmpty { writer.field("reasoning_content", choice.thought) }
        if !choice.calls.isEmpty {
            writer.member("tool_calls") { writer in
                writer.array(choice.calls) { writer, call in
                    writer.object { $0.call(id: call.id, name: call.name, arguments: call.arguments.string ?? "") }
                }
            }
        }
        writer.null("refusal")
    }

    mutating func count(_ tokens: Int) { written = written.map { $0 + tokens } }

    func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .began(let choice, _):
            writeChunk(of: choice, to: &writer) { delta in
                delta.field("role", "assistant")
                delta.field("content", "")
            }
        case .delta(let choice, let text, let tokens):
            writeChunk(of: choice, tokens, to: &writer) { $0.field("content", text) }
        case .thought(let choice, let text):
            writeChunk(of: choice, to: &writer) { $0.field("reasoning_content", text) }
        case .call(let choice, let index, let id, let name):
            writeCall(index, of: choice, to: &writer) { $0.call(id: id, name: name, arguments: "") }
        case .arguments(let choice, let index, let text):
            writeCall(index, of: choice, to: &writer) { writer in
                writer.member("function") { $0.object { $0.field("arguments", text) } }
            }
        case .finished(let choice, let ending, let outcome):
            writeChunk(of: choice, end: (ending, outcome), to: &writer) { _ in }
        case .ended(let outcome): envelope.writeEnd(outcome, to: &writer)
        }
    }

    private func writeCall(
        _ index: Int,
        of choice: Int,
        to writer: inout JSONWriter,
        _ write: (inout JSONWriter) -> Void
    ) {
        writeChunk(of: choice, to: &writer) { delta in
            delta.member("tool_calls") { writer in
                writer.array { writer in
                    writer.object { writer in
                        writer.field("index", index)
                        write(&writer)
                    }
                }
            }
        }
    }

    private func writeChunk(
        of choice: Int,
        _ tokens: [TokenScore]? = nil,
        end: (ending: Ending, outcome: Outcome)? = nil,
        to writer: inout JSONWriter,
        delta: (inout JSONWriter) -> Void
    ) {
        let running = written.map {
            (prompt: order.promptTokens, completion: max($0, end?.outcome.completionTokens ?? 0))
        }
        envelope.writeChunk(to: &writer, end?.outcome, running: running) { writer in
            writer.field("index", choice)
            writer.member("delta") { $0.object(delta) }
            writeLogprobs(tokens, to: &writer)
            writer.field("finish_reason", end?.ending.word)
        }
    }

    private func writeLogprobs(_ tokens: [TokenScore]?, to writer: inout JSONWriter) {
        writer.logprobs(order.topLogprobs == nil ? nil : tokens, vocabulary)
    }
}

// MARK: The fields of its own

extension JSONWriter {
    /// A call of a function, as OpenAI has it.
    fileprivate mutating func call(id: String?, name: String, arguments: String) {
        field("id", id)
        field("type", "function")
        member("function") { writer in
            writer.object { writer in
                writer.field("name", name)
                writer.field("arguments", arguments)
            }
        }
    }
}

extension ChatExchange {
    private static func maxTokens(_ body: JSONField) throws -> Int? {
        let old = try body["max_tokens"].optional?.integer(in: 1...Int(Int32.max))
        let new = try body["max_completion_tokens"].optional?.integer(in: 1...Int(Int32.max))
        if let old, let new, old != new {
            throw APIError.invalid(
                "max_tokens",
                "'max_tokens' is \(old), but 'max_completion_tokens' is \(new); send one."
            )
        }
        return new ?? old
    }

    private static func topLogprobs(_ body: JSONField) throws -> Int? {
        let wanted = try body["logprobs"].optional?.bool ?? false
        guard let top = try body["top_logprobs"].optional?.integer(in: 0...20) else { return wanted ? 0 : nil }
        guard wanted || top == 0 else {
            throw APIError.invalid("top_logprobs", "'top_logprobs' needs 'logprobs': true.")
        }
        return wanted ? top : nil
    }

    static let refusals = Refusals(rules, known: known, within: Members.openAI)

    /// Qianfan's streams can count every chunk.
    static let refusalsOfQianfan = Refusals(
        rules,
        known: known,
        within: Members.openAI.merging([
            "stream_options": .having(["include_usage", "include_obfuscation", "chunk_include_usage"])
        ]) { $1 }
    )

    private static let rules: [Refusals.Rule] =
        [
            .init("functions", "it was replaced by 'tools'") { $0 == [] },
            .init("function_call", "it was replaced by 'tool_choice'") { $0 == "none" || $0 == "auto" },
            .init("modalities", "this server answers in text") { $0 == ["text"] },
            .init("audio", "this server answers in text"),
            .init("moderation", "this server does not moderate yet"),
            .init("web_search_options", "this server does not search the web yet"),
            .init("echo", "it is for /v1/completions") { $0 == false }, .template,
        ] + Refusals.Rule.constraints

    private static let known = OpenAIFields.names.union(Refusals.administrative).union(AskedForm.fields).union([
        "messages", "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "tools", "tool_choice",
        "parallel_tool_calls", "chat_template_kwargs", "reasoning_effort", "enable_thinking", "thinking",
        "thinking_budget", "prediction",
        "verbosity", "add_generation_prompt", "continue_final_message",
    ])
}
