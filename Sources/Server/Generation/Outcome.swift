package import Inference

/// What the choices of one request cost together.
package struct Outcome: Sendable {
    package private(set) var promptTokens = 0, cachedTokens = 0, completionTokens = 0
    private var prefill = Duration.zero, decoding = Duration.zero
    private var prompts: Set<Int> = []

    package init() {}

    /// - Parameter prompt: which prompt the choice belongs to; each counts once.
    package mutating func add(_ usage: Usage, prompt: Int = 0) {
        if prompts.insert(prompt).inserted {
            promptTokens += usage.promptTokens
            cachedTokens += usage.cachedTokens
        }
        completionTokens += usage.completionTokens
        prefill = max(prefill, usage.prefill)
        decoding = max(decoding, usage.decoding)
    }

    package func writeUsage(to writer: inout JSONWriter) {
        writer.member("usage") { writer in
            writer.object { writer in
                writer.field("prompt_tokens", promptTokens)
                writer.field("completion_tokens", completionTokens)
                writer.field("total_tokens", promptTokens + completionTokens)
                writer.member("prompt_tokens_details") { $0.object { $0.field("cached_tokens", cachedTokens) } }
            }
        }
    }

    /// Our own addition to the reply: how long it took, without the wait in the queue.
    package func writeTimings(to writer: inout JSONWriter) {
        writer.member("timings") { writer in
            writer.object { writer in
                writer.field("prompt_ms", rounded(prefill.seconds * 1000))
                writer.field("generation_ms", rounded(decoding.seconds * 1000))
                writer.field("prompt_per_second", rate(promptTokens - cachedTokens, prefill))
                writer.field("generation_per_second", rate(completionTokens - 1, decoding))
            }
        }
    }

    private func rate(_ count: Int, _ time: Duration) -> Double {
        time > .zero ? rounded(Double(max(0, count)) / time.seconds) : 0
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

extension FinishReason {
    /// OpenAI's word for it.
    package var word: String {
        switch self {
        case .endOfText, .stopString: "stop"
        case .length: "length"
        case .cancelled: "cancelled"
        }
    }
}

extension Outcome {
    /// Tells the log line.
    package func report(to context: AppContext) {
        context.notes.add(promptTokens: promptTokens, completionTokens: completionTokens)
    }
}
