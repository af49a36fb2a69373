import Inference
import Text

/// What `/api/chat` and `/api/generate` have in common: lines of JSON, of which the last tells the costs.
protocol OllamaDialect: Dialect {
    var model: String { get }
    var stamp: Stamp { get }

    /// The member that holds the text.
    func say(_ text: String, to writer: inout JSONWriter)
}

extension OllamaDialect {
    static var framing: Framing { .lines }

    static func modelName(_ body: JSONField) throws -> String? { try body["model"].optional?.string.withoutTag }

    static func write(_ error: APIError, to writer: inout JSONWriter) {
        writer.object { $0.field("error", error.message) }
    }

    func write(_ answer: Answer, to writer: inout JSONWriter) {
        let choice = answer.choices.first
        writer.object { writer in
            writeHead(choice?.text ?? "", to: &writer)
            writeEnd(choice?.reason, answer.outcome, to: &writer)
        }
    }

    func write(_ event: AnswerEvent, to writer: inout JSONWriter) {
        switch event {
        case .began: break
        case .delta(_, let text, _):
            writer.line { writer in
                writeHead(text, to: &writer)
                writer.field("done", false)
            }
        case .finished(_, let reason, let outcome): writeLastLine(reason, outcome, to: &writer)
        case .ended(let outcome): if order.prompts.isEmpty { writeLastLine(nil, outcome, to: &writer) }
        }
    }

    private func writeLastLine(_ reason: FinishReason?, _ outcome: Outcome, to writer: inout JSONWriter) {
        writer.line { writer in
            writeHead("", to: &writer)
            writeEnd(reason, outcome, to: &writer)
        }
    }

    private func writeHead(_ text: String, to writer: inout JSONWriter) {
        writer.field("model", model)
        writer.field("created_at", stamp.created.timestamp)
        say(text, to: &writer)
    }

    /// - Parameter reason: nil where nothing was asked, which is how a model is told to load.
    private func writeEnd(_ reason: FinishReason?, _ outcome: Outcome, to writer: inout JSONWriter) {
        writer.field("done", true)
        writer.field("done_reason", reason?.word ?? "load")
        guard reason != nil else { return }
        writer.field("total_duration", (outcome.queued + outcome.prefill + outcome.decoding).nanoseconds)
        writer.field("load_duration", 0)
        writer.field("prompt_eval_count", outcome.promptTokens)
        writer.field("prompt_eval_duration", outcome.prefill.nanoseconds)
        writer.field("eval_count", outcome.completionTokens)
        writer.field("eval_duration", outcome.decoding.nanoseconds)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int {
        Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
    }
}
