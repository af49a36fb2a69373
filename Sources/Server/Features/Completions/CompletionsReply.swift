import Inference

extension Completions {
    /// The whole answer, gathered.
    struct Reply: Sendable {
        struct Generation: Sendable {
            var text = "", scores: [TokenScore] = [], finish = ""

            /// The mean log-probability, by which the best are found.
            var quality: Float {
                let known = scores.compactMap(\.logprob)
                return known.isEmpty ? -.infinity : known.reduce(0, +) / Float(known.count)
            }
        }

        private let answer: Answer
        private var generations: [Generation]
        private(set) var outcome = Outcome()

        init(_ answer: Answer) {
            self.answer = answer
            generations = (0..<answer.choices.count).map { Generation(text: answer.echo($0)) }
        }

        mutating func add(_ event: GenerationEvent, to index: Int) throws {
            switch event {
            case .promptScores(let scores): generations[index].scores = scores
            case .delta(let text, let tokens):
                generations[index].text += text
                generations[index].scores += tokens
            case .finished(let reason, let usage):
                if reason == .cancelled { throw APIError.cut }
                generations[index].finish = reason.word
                outcome.add(usage, prompt: answer.prompt(index))
            }
        }

        /// For each prompt in turn, its best generations.
        private var choices: [Generation] {
            guard answer.body.picksBest else { return generations }
            let size = answer.body.generations
            return stride(from: 0, to: generations.count, by: size).flatMap { start in
                generations[start..<start + size].sorted { $0.quality > $1.quality }.prefix(answer.body.fields.choices)
            }
        }

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.head(answer.stamp, "text_completion", answer.model)
                writer.member("choices") { writer in
                    writer.array(choices.enumerated()) { write($1.element, $1.offset, to: &$0) }
                }
                outcome.writeUsage(to: &writer)
                outcome.writeTimings(to: &writer)
            }
        }

        private func write(_ choice: Generation, _ index: Int, to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("text", choice.text)
                writer.field("index", index)
                if answer.body.logprobs == nil {
                    writer.null("logprobs")
                } else {
                    var offset = 0
                    writer.legacyLogprobs(choice.scores, answer.model.vocabulary, from: &offset)
                }
                writer.field("finish_reason", choice.finish)
            }
        }
    }
}
