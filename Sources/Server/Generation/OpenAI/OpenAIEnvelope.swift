import Inference
import Text

/// What OpenAI's answers have around their choices, chat or not, whole or in chunks.
struct OpenAIEnvelope: Sendable {
    let stamp: Stamp, model: String
    /// The names of the objects.
    let whole: String, chunk: String
    /// Whether the stream ends with a chunk that tells the usage; the others then say that they do not.
    let includesUsage: Bool

    func write(
        _ answer: Answer,
        to writer: inout JSONWriter,
        choice write: (inout JSONWriter, Int, Answer.Choice) -> Void
    ) {
        writer.object { writer in
            writeHead(whole, to: &writer)
            writer.member("choices") { writer in
                writer.array(answer.choices.enumerated()) { writer, choice in
                    writer.object { write(&$0, choice.offset, choice.element) }
                }
            }
            writeCosts(answer.outcome, to: &writer)
        }
    }

    /// A chunk with a piece of one choice.
    ///
    /// - Parameters:
    ///   - outcome: where the choice ends with this chunk.
    ///   - running: the tokens of the prompt, and those written so far, where every chunk is to tell them.
    func writeChunk(
        to writer: inout JSONWriter,
        _ outcome: Outcome?,
        running: (prompt: Int, completion: Int)? = nil,
        choice write: (inout JSONWriter) -> Void
    ) {
        writer.event { writer in
            writeHead(chunk, to: &writer)
            writer.member("choices") { writer in writer.array { $0.object(write) } }
            if let running {
                writer.member("usage") { $0.object { $0.counts(running.prompt, running.completion) } }
            } else if includesUsage {
                writer.null("usage")
            } else {
                outcome?.writeTimings(to: &writer)
            }
        }
    }

    /// The usage, where it was asked for, and the end of the stream.
    func writeEnd(_ outcome: Outcome, to writer: inout JSONWriter) {
        if includesUsage {
            writer.event { writer in
                writeHead(chunk, to: &writer)
                writer.member("choices") { $0.array { _ in } }
                writeCosts(outcome, to: &writer)
            }
        }
        writer.done()
    }

    private func writeHead(_ object: String, to writer: inout JSONWriter) {
        writer.field("id", stamp.id)
        writer.field("object", object)
        writer.field("created", stamp.created)
        writer.field("model", model)
    }

    private func writeCosts(_ outcome: Outcome, to writer: inout JSONWriter) {
        outcome.writeUsage(to: &writer)
        outcome.writeTimings(to: &writer)
    }
}

extension Outcome {
    fileprivate func writeUsage(to writer: inout JSONWriter) {
        writer.member("usage") { writer in
            writer.object { writer in
                writer.counts(promptTokens, completionTokens)
                writer.member("prompt_tokens_details") { $0.object { $0.field("cached_tokens", cachedTokens) } }
                writer.member("completion_tokens_details", writeDetails)
            }
        }
    }

    /// What the server guessed by itself is no prediction of the client's.
    private func writeDetails(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("reasoning_tokens", thoughtTokens)
            writer.field("accepted_prediction_tokens", predictedTokens)
            writer.field("rejected_prediction_tokens", mispredictedTokens)
        }
    }

    /// Our own addition to the reply: how long it took, without the wait in the queue; and what was guessed ahead, in llama.cpp's
    /// names.
    fileprivate func writeTimings(to writer: inout JSONWriter) {
        writer.member("timings") { writer in
            writer.object { writer in
                writer.field("prompt_ms", rounded(prefill.seconds * 1000))
                writer.field("generation_ms", rounded(decoding.seconds * 1000))
                writer.field("prompt_per_second", rate(promptTokens - cachedTokens, prefill))
                writer.field("generation_per_second", rate(completionTokens - 1, decoding))
                guard draftedTokens > 0 else { return }
                writer.field("draft_n", draftedTokens)
                writer.field("draft_n_accepted", acceptedTokens)
            }
        }
    }

    private func rate(_ count: Int, _ time: Duration) -> Double {
        time > .zero ? rounded(Double(max(0, count)) / time.seconds) : 0
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

extension JSONWriter {
    fileprivate mutating func counts(_ prompt: Int, _ completion: Int) {
        field("prompt_tokens", prompt)
        field("completion_tokens", completion)
        field("total_tokens", prompt + completion)
    }
}

extension FinishReason {
    /// The word that OpenAI has for it, where no function is called.
    var word: String {
        switch self {
        case .endOfText, .stopString: "stop"
        case .length: "length"
        case .cancelled: "cancelled"
        }
    }
}
