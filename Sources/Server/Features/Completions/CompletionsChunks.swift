import Inference

extension Completions {
    /// The answer in chunks. Each is a `text_completion` of its own.
    struct Chunks: Sendable {
        private let answer: Answer
        private var echoed: Set<Int> = []
        private var offsets: [Int]
        private(set) var outcome = Outcome()
        /// Why the stream cannot go on.
        private(set) var failure: APIError?

        init(_ answer: Answer) {
            self.answer = answer
            offsets = Array(repeating: 0, count: answer.choices.count)
        }

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
            case .promptScores(let scores): echo(choice, scores, to: &writer)
            case .delta(let text, let tokens):
                echo(choice, [], to: &writer)
                chunk(choice, text, tokens, to: &writer)
            case .finished(.cancelled, _): failure = .cut
            case .finished(let reason, let usage):
                echo(choice, [], to: &writer)
                outcome.add(usage, prompt: answer.prompt(choice))
                chunk(choice, "", [], finish: reason.word, to: &writer)
            }
        }

        /// The prompt goes first, with its scores where they were asked for.
        private mutating func echo(_ choice: Int, _ scores: [TokenScore], to writer: inout JSONWriter) {
            guard answer.body.echo, echoed.insert(choice).inserted else { return }
            chunk(choice, answer.echo(choice), scores, to: &writer)
        }

        func writeEnd(to writer: inout JSONWriter) {
            if answer.body.fields.includeUsage {
                writer.event { writer in
                    writer.head(answer.stamp, "text_completion", answer.model)
                    writer.member("choices") { $0.array { _ in } }
                    outcome.writeUsage(to: &writer)
                    outcome.writeTimings(to: &writer)
                }
            }
            writer.done()
        }
    }
}

extension Completions.Chunks {
    private mutating func chunk(
        _ choice: Int,
        _ text: String,
        _ scores: [TokenScore],
        finish: String? = nil,
        to writer: inout JSONWriter
    ) {
        var offset = offsets[choice]
        writer.event { writer in
            writer.head(answer.stamp, "text_completion", answer.model)
            writer.member("choices") { writer in
                writer.array { writer in
                    writer.object { writer in
                        writer.field("text", text)
                        writer.field("index", choice)
                        if answer.body.logprobs == nil || scores.isEmpty {
                            writer.null("logprobs")
                        } else {
                            writer.legacyLogprobs(scores, answer.model.vocabulary, from: &offset)
                        }
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
        offsets[choice] = offset
    }
}
