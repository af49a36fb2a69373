import Inference

extension Chat {
    /// The whole answer, gathered.
    struct Reply: Sendable {
        struct Choice: Sendable {
            var text = "", tokens: [TokenScore] = [], finish = ""
        }

        private(set) var choices: [Choice]
        private(set) var outcome = Outcome()

        init(count: Int) { choices = Array(repeating: Choice(), count: count) }

        mutating func add(_ event: GenerationEvent, to index: Int) throws {
            switch event {
            case .promptScores: break
            case .delta(let text, let tokens):
                choices[index].text += text
                choices[index].tokens += tokens
            case .finished(let reason, let usage):
                if reason == .cancelled { throw APIError.cut }
                choices[index].finish = reason.word
                outcome.add(usage)
            }
        }

        func write(to writer: inout JSONWriter, _ answer: Answer) {
            writer.object { writer in
                writer.head(answer.stamp, "chat.completion", answer.model)
                writer.member("choices") { writer in
                    writer.array(choices.enumerated()) { writer, choice in
                        Reply.write(choice.element, choice.offset, answer, to: &writer)
                    }
                }
                outcome.writeUsage(to: &writer)
                outcome.writeTimings(to: &writer)
            }
        }

        private static func write(_ choice: Choice, _ index: Int, _ answer: Answer, to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("index", index)
                writer.member("message") { writer in
                    writer.object { writer in
                        writer.field("role", "assistant")
                        writer.field("content", choice.text)
                        writer.null("refusal")
                    }
                }
                writer.logprobs(answer.body.topLogprobs == nil ? nil : choice.tokens, answer.model.vocabulary)
                writer.field("finish_reason", choice.finish)
            }
        }
    }
}

extension JSONWriter {
    /// What every object of an answer begins with.
    mutating func head(_ stamp: Stamp, _ object: StaticString, _ model: any GenerativeModel) {
        field("id", stamp.id)
        member("object") { $0.value("\(object)") }
        field("created", stamp.created)
        field("model", model.card.name)
    }

    /// Log-probabilities as chat completions have them.
    mutating func logprobs(_ tokens: [TokenScore]?, _ vocabulary: any Vocabulary) {
        guard let tokens else { return null("logprobs") }
        member("logprobs") { writer in
            writer.object { writer in
                writer.member("content") { writer in
                    writer.array(tokens) { $0.score($1, vocabulary) }
                }
                writer.null("refusal")
            }
        }
    }

    private mutating func score(_ token: TokenScore, _ vocabulary: any Vocabulary) {
        object { writer in
            writer.likelihood(token.id, token.logprob ?? 0, vocabulary)
            writer.member("top_logprobs") { writer in
                writer.array(token.top) { writer, other in
                    writer.object { $0.likelihood(other.id, other.logprob, vocabulary) }
                }
            }
        }
    }

    private mutating func likelihood(_ id: Int, _ logprob: Float, _ vocabulary: any Vocabulary) {
        let bytes = vocabulary.bytes(of: id)
        field("token", String(decoding: bytes, as: UTF8.self))
        member("logprob") { $0.value(finite: logprob) }
        member("bytes") { writer in writer.array(bytes) { $0.value(Int($1)) } }
    }

    /// What cannot happen has no logarithm; clients expect a number all the same, and OpenAI sends this one.
    mutating func value(finite logprob: Float) { value(logprob.isFinite ? logprob : -9999) }
}
