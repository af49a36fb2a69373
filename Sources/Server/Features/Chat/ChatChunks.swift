import Inference

extension Chat {
    /// The answer in chunks, `chat.completion.chunk`.
    struct Chunks: Sendable {
        private let answer: Answer
        private var begun: Set<Int> = []
        private(set) var outcome = Outcome()
        /// Why the stream cannot go on.
        private(set) var failure: APIError?

        init(_ answer: Answer) { self.answer = answer }

        mutating func write(_ items: [Inbox.Item], to writer: inout JSONWriter) {
            for item in items {
                switch item {
                case .ping: writer.ping()
                case .event(let choice, let event): write(event, choice, to: &writer)
                }
            }
        }

        private mutating func write(_ event: GenerationEvent, _ choice: Int, to writer: inout JSONWriter) {
            switch event {
            case .promptScores: break
            case .delta(let text, let tokens):
                begin(choice, &writer)
                chunk(choice, &writer, tokens: tokens) { $0.field("content", text) }
            case .finished(.cancelled, _): failure = .cut
            case .finished(let reason, let usage):
                begin(choice, &writer)
                outcome.add(usage)
                chunk(choice, &writer, finish: reason.word) { _ in }
            }
        }

        private mutating func begin(_ choice: Int, _ writer: inout JSONWriter) {
            guard begun.insert(choice).inserted else { return }
            chunk(choice, &writer) { writer in
                writer.field("role", "assistant")
                writer.field("content", "")
            }
        }

        /// The usage, where it was asked for, and the end of the stream.
        func writeEnd(to writer: inout JSONWriter) {
            if answer.body.fields.includeUsage {
                writer.event { writer in
                    writer.head(answer.stamp, "chat.completion.chunk", answer.model)
                    writer.member("choices") { $0.array { _ in } }
                    outcome.writeUsage(to: &writer)
                    outcome.writeTimings(to: &writer)
                }
            }
            writer.done()
        }
    }
}

extension Chat.Chunks {
    private func chunk(
        _ choice: Int,
        _ writer: inout JSONWriter,
        tokens: [TokenScore]? = nil,
        finish: String? = nil,
        delta: (inout JSONWriter) -> Void
    ) {
        writer.event { writer in
            writer.head(answer.stamp, "chat.completion.chunk", answer.model)
            writer.member("choices") { writer in
                writer.array { writer in
                    writer.object { writer in
                        writer.field("index", choice)
                        writer.member("delta") { $0.object(delta) }
                        writer.logprobs(answer.body.topLogprobs == nil ? nil : tokens, answer.model.vocabulary)
                        writer.field("finish_reason", finish)
                    }
                }
            }
            if answer.body.fields.includeUsage {
                writer.null("usage")
            } else if finish != nil {
                outcome.writeTimings(to: &writer)
            }
        }
    }
}
