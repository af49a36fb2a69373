import Inference

extension JSONWriter {
    /// Log-probabilities as the older API has them: four arrays, one entry a token.
    ///
    /// - Parameter offset: where the first token's text begins, in Unicode scalars; moved to where the last one's ends.
    mutating func legacyLogprobs(_ scores: [TokenScore], _ vocabulary: any Vocabulary, from offset: inout Int) {
        let texts = scores.map { vocabulary.spelling($0.id) }
        let offsets = texts.map { text in
            defer { offset += text.unicodeScalars.count }
            return offset
        }
        member("logprobs") { writer in
            writer.object { writer in
                writer.member("tokens") { writer in writer.array(texts) { $0.value($1) } }
                writer.member("token_logprobs") { writer in
                    writer.array(scores) { writer, score in
                        if let logprob = score.logprob { writer.value(finite: logprob) } else { writer.null() }
                    }
                }
                writer.member("top_logprobs") { writer in writer.array(scores) { $0.legacyTop($1, vocabulary) } }
                writer.member("text_offset") { writer in writer.array(offsets) { $0.value($1) } }
            }
        }
    }

    /// The likeliest tokens and the token itself; of several that look alike the likeliest.
    private mutating func legacyTop(_ score: TokenScore, _ vocabulary: any Vocabulary) {
        guard let logprob = score.logprob else { return null() }
        var seen: Set<String> = []
        object { writer in
            for other in score.top + [.init(id: score.id, logprob: logprob)] {
                let text = vocabulary.spelling(other.id)
                if seen.insert(text).inserted { writer.member(text) { $0.value(finite: other.logprob) } }
            }
        }
    }
}

extension Vocabulary {
    /// The token's text; bytes that are no text of their own become U+FFFD.
    func spelling(_ id: Int) -> String { String(decoding: bytes(of: id), as: UTF8.self) }
}
