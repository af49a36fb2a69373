/// Why the engine refused a request, or gave one up.
public enum EngineError: Error, Sendable, Hashable {
    /// The queue is full; trying again after about this long is worth while.
    case full(retryAfter: Duration)
    /// Prompt and completion together would exceed the context. Nothing is ever truncated.
    case promptTooLong(tokens: Int, maxTokens: Int, limit: Int)
    case emptyPrompt
    case unknownToken(id: Int, vocabulary: Int)
    /// A parameter makes no sense; the text names it, what was expected and what was found.
    case invalid(String)
    case shuttingDown
    /// Whoever asked gave it up.
    case cancelled
    /// The model's logits for this request's next token are not numbers.
    case badLogits(position: Int)
    /// No token of the vocabulary can go on with what the grammar asks for.
    case stuck(position: Int)
    /// The forward pass failed; the engine goes on with other requests.
    case modelFailed(String)
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full(let retryAfter):
            "the queue is full; try again in \(max(1, retryAfter.components.seconds)) s"
        case .promptTooLong(let tokens, 0, let limit):
            "the prompt has \(tokens) tokens, but the context holds \(limit); shorten the prompt"
        case .promptTooLong(let tokens, let maxTokens, let limit):
            "the prompt has \(tokens) tokens and \(maxTokens) may be generated, but the context holds \(limit) in all; "
                + "shorten the prompt or lower max_tokens"
        case .emptyPrompt: "the prompt has no tokens"
        case .unknownToken(let id, let vocabulary): "there is no token \(id); ids run from 0 to \(vocabulary - 1)"
        case .invalid(let what): what
        case .shuttingDown: "the server is shutting down"
        case .cancelled: "the request was given up"
        case .badLogits(let position):
            "the model's output at position \(position) is not a number; is the file damaged?"
        case .stuck(let position):
            "at position \(position) no token of this model goes on as the grammar asks; make it less ambiguous"
        case .modelFailed(let what): "the model failed: \(what)"
        }
    }
}
