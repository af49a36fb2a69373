import Inference
import Text

/// One thing of a response's output.
struct ResponseItem: Sendable {
    enum Kind: Sendable {
        case reasoning
        /// Thoughts that were asked for as a summary. They are told whole.
        case summary
        case message, call

        var isThought: Bool { self == .reasoning || self == .summary }

        /// What identities of such items begin with.
        var prefix: String {
            switch self {
            case .reasoning, .summary: "rs_"
            case .message: "msg_"
            case .call: "fc_"
            }
        }
    }

    enum Status: String, CaseIterable, Sendable {
        case inProgress = "in_progress"
        case completed, incomplete
    }

    let kind: Kind, id: String
    /// The text of thoughts or words, or of a call's arguments.
    var text = ""
    /// The same, closed, where thoughts are to come so.
    var closed: String?
    var callID = "", name = ""
    /// The tokens of words, where their likelihood was asked for.
    var scores: [TokenScore] = []
    var status = Status.inProgress
}

extension ResponseItem {
    /// - Parameter vocabulary: of the scores.
    func write(to writer: inout JSONWriter, _ vocabulary: (any Vocabulary)?) {
        writer.object { writer in
            writer.field("id", id)
            switch kind {
            case .reasoning, .summary:
                writer.field("type", "reasoning")
                writer.member("summary") { writeParts(kind == .summary, to: &$0, nil) }
                if kind == .reasoning { writer.member("content") { writeParts(true, to: &$0, nil) } }
                if let closed { writer.field("encrypted_content", closed) }
            case .message:
                writer.field("type", "message")
                writer.field("role", "assistant")
                writer.member("content") { writeParts(true, to: &$0, vocabulary) }
            case .call:
                writer.field("type", "function_call")
                writer.field("call_id", callID)
                writer.field("name", name)
                writer.field("arguments", text)
            }
            writer.field("status", status.rawValue)
        }
    }

    private func writeParts(_ areHere: Bool, to writer: inout JSONWriter, _ vocabulary: (any Vocabulary)?) {
        writer.array { writer in
            if areHere, !text.isEmpty { writer.object { writePart(text, to: &$0, vocabulary) } }
        }
    }

    /// The members of its only part.
    func writePart(_ text: String, to writer: inout JSONWriter, _ vocabulary: (any Vocabulary)?) {
        switch kind {
        case .reasoning: writer.field("type", "reasoning_text")
        case .summary: writer.field("type", "summary_text")
        default: writer.field("type", "output_text")
        }
        writer.field("text", text)
        guard kind == .message else { return }
        writer.member("annotations") { $0.array { _ in } }
        writer.member("logprobs") { $0.likelihoods(text.isEmpty ? [] : scores, vocabulary, withBytes: true) }
    }
}

extension JSONWriter {
    /// Log-probabilities as responses have them; their events leave out the bytes.
    mutating func likelihoods(_ tokens: [TokenScore], _ vocabulary: (any Vocabulary)?, withBytes: Bool) {
        guard let vocabulary else { return array { _ in } }
        array(tokens) { writer, token in
            writer.object { writer in
                writer.likelihood(token.id, token.logprob ?? 0, vocabulary, withBytes)
                writer.member("top_logprobs") { writer in
                    writer.array(token.top) { writer, other in
                        writer.object { $0.likelihood(other.id, other.logprob, vocabulary, withBytes) }
                    }
                }
            }
        }
    }

    private mutating func likelihood(_ id: Int, _ logprob: Float, _ vocabulary: any Vocabulary, _ withBytes: Bool) {
        let bytes = vocabulary.bytes(of: id)
        field("token", String(decoding: bytes, as: UTF8.self))
        member("logprob") { $0.value(finite: logprob) }
        if withBytes { member("bytes") { writer in writer.array(bytes) { $0.value(Int($1)) } } }
    }
}
