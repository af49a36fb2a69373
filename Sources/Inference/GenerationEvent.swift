/// What a consumer sees of its request, in this order: scores of the prompt if asked for, deltas, the end.
public enum GenerationEvent: Sendable, Hashable {
    /// The prompt's tokens with their log-probabilities; the first has none.
    case promptScores([TokenScore])
    /// More text, and the tokens whose text begins in it. Deltas merge while nobody reads them.
    ///
    /// Tokens belong to the delta that shows their first character; those whose text a stop string swallowed never appear.
    case delta(text: String, tokens: [TokenScore])
    case finished(FinishReason, Usage)
}

/// A token and how likely the model found it, before penalties, temperature and filters.
public struct TokenScore: Sendable, Hashable {
    public struct Alternative: Sendable, Hashable {
        public var id: Int
        public var logprob: Float

        public init(id: Int, logprob: Float) { (self.id, self.logprob) = (id, logprob) }
    }

    public var id: Int
    /// Natural logarithm; nil if not asked for, or nothing precedes the token.
    public var logprob: Float?
    /// The likeliest tokens at this place, likeliest first; the token itself need not be among them.
    public var top: [Alternative]

    public init(id: Int, logprob: Float? = nil, top: [Alternative] = []) {
        (self.id, self.logprob, self.top) = (id, logprob, top)
    }
}

public enum FinishReason: Sendable, Hashable {
    /// The model ended its answer.
    case endOfText
    /// This stop string came up.
    case stopString(String)
    /// As many tokens as were asked for, or as the context holds.
    case length
    case cancelled
}

/// What a request cost.
public struct Usage: Sendable, Hashable {
    public var promptTokens: Int
    /// Prompt tokens whose keys and values were found in the cache.
    public var cachedTokens = 0
    /// Tokens sampled, the one that ended the answer included.
    public var completionTokens = 0
    /// Tokens that were guessed ahead and checked by the model several at once, and how many were right. Neither changes
    /// what the answer is.
    public var draftedTokens = 0
    public var acceptedTokens = 0
    /// From arrival to the first step that computed something.
    public var queued: Duration = .zero
    /// From there to the first token.
    public var prefill: Duration = .zero
    /// From the first token to the last.
    public var decoding: Duration = .zero

    public init(promptTokens: Int) { self.promptTokens = promptTokens }
}
