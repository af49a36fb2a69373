import HTTPTypes
import Inference
import Text

/// What `/api/chat` and `/api/generate` have in common: lines of JSON, of which the last tells the costs.
protocol OllamaDialect: Dialect {
    var model: String { get }
    var stamp: Stamp { get }

    /// The members that hold what is said.
    func say(_ said: OllamaSaid, to writer: inout JSONWriter)

    var progress: OllamaProgress { get set }

    /// What the next request may begin with, as tokens; nil where there is no such thing.
    ///
    /// - Parameter tokens: of the words that were said.
    func context(after tokens: [Int]) -> [Int]?
}

/// How far a stream is.
struct OllamaProgress: Sendable {
    /// A call whose arguments are not all there yet; Ollama's come whole.
    var pending: Message.ToolCall?
    /// The tokens of the words so far.
    var tokens: [Int] = []
}

extension OllamaDialect {
    static var framing: Framing { .lines }

    func context(after tokens: [Int]) -> [Int]? { nil }

    static func modelName(_ body: JSONField) throws -> String? { try body["model"].optional?.string.withoutTag }

    static func write(_ error: APIError, to writer: inout JSONWriter) {
        // They have no field for the field's name, so the message has it.
        writer.object { $0.field("error", error.status == .badRequest ? error.namingMessage : error.message) }
    }

    func write(_ answer: Answer, to writer: inout JSONWriter) {
        let choice = answer.choices.first
        let said = OllamaSaid(
            text: choice?.text ?? "",
            thought: choice?.thought ?? "",
            calls: choice?.calls ?? []
        )
        writer.object { writer in
            writeHead(said, to: &writer)
            writeEnd(choice?.ending, answer.outcome, choice?.tokens.map(\.id) ?? [], to: &writer)
        }
    }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .began: break
        case .delta(_, let text, let tokens):
            progress.tokens += tokens.map(\.id)
            writeLine(.init(text: text), to: &writer)
        case .thought(_, let text): writeLine(.init(thought: text), to: &writer)
        case .call(_, _, let id, let name):
            writePending(to: &writer)
            progress.pending = .init(id: id, name: name, arguments: "")
        case .arguments(_, _, let text):
            let before = progress.pending?.arguments.string ?? ""
            progress.pending?.arguments = .string(before + text)
        case .finished(_, let ending, let outcome):
            if ending.reason != .length { writePending(to: &writer) }
            writeLastLine(ending, outcome, to: &writer)
        case .ended(let outcome): if order.prompts.isEmpty { writeLastLine(nil, outcome, to: &writer) }
        }
    }

    private mutating func writePending(to writer: inout JSONWriter) {
        guard let call = progress.pending else { return }
        writeLine(.init(calls: [call]), to: &writer)
        progress.pending = nil
    }

    private func writeLine(_ said: OllamaSaid, to writer: inout JSONWriter) {
        writer.line { writer in
            writeHead(said, to: &writer)
            writer.field("done", false)
        }
    }

    private func writeLastLine(_ ending: Ending?, _ outcome: Outcome, to writer: inout JSONWriter) {
        writer.line { writer in
            writeHead(.init(), to: &writer)
            writeEnd(ending, outcome, progress.tokens, to: &writer)
        }
    }

    private func writeHead(_ said: OllamaSaid, to writer: inout JSONWriter) {
        writer.field("model", model)
        writer.field("created_at", stamp.created.timestamp)
        say(said, to: &writer)
    }

    /// - Parameter ending: nil where nothing was asked, which is how a model is told to load.
    private func writeEnd(_ ending: Ending?, _ outcome: Outcome, _ tokens: [Int], to writer: inout JSONWriter) {
        writer.field("done", true)
        writer.field("done_reason", ending?.reason.word ?? (order.keepAlive?.isOver == true ? "unload" : "load"))
        if ending != nil, let context = context(after: tokens) {
            writer.member("context") { $0.array(context) { $0.value($1) } }
        }
        let computing = outcome.queued + outcome.prefill + outcome.decoding
        writer.field("total_duration", (outcome.loading + computing).nanoseconds)
        writer.field("load_duration", outcome.loading.nanoseconds)
        guard ending != nil else { return }
        writer.field("prompt_eval_count", outcome.promptTokens)
        writer.field("prompt_eval_duration", outcome.prefill.nanoseconds)
        writer.field("eval_count", outcome.completionTokens)
        writer.field("eval_duration", outcome.decoding.nanoseconds)
    }
}

extension Duration {
    var nanoseconds: Int {
        Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
    }
}
