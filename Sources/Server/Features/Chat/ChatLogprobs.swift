import Inference

extension JSONWriter {
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
