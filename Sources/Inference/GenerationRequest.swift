import Grammars
public import Models
package import Text

/// What to generate, and how.
public struct GenerationRequest: Sendable {
    public var prompt: [Int]
    public var sampling: Sampling
    /// Generation ends before the first of these texts; none of it reaches the consumer.
    public var stop: [String]
    /// The most tokens to generate; nil: whatever the context still holds.
    public var maxTokens: Int?
    /// How many alternatives to report beside each token's log-probability; nil reports neither.
    public var topLogprobs: Int?
    /// Reports the log-probability of each prompt token as well.
    public var promptLogprobs: Bool
    /// Goes on after the model ended its answer.
    public var ignoreEOS: Bool
    /// Each step is worth 64 places in the queue; nobody waits forever. More of them than ``priorities`` are cut to these.
    public var priority: Int
    /// Whose request it is: clients take turns, however many requests each of them has.
    public var client: Int
    /// Whoever asks waits and asks again where there is no room: such a refusal is not counted among the refused.
    public var isRetried = false
    /// What its tokens go through besides the network that the engine serves, and was made for; nil: nothing.
    public var adapter: LoadedAdapter.Use?
    /// What the answer is held to; nil: nothing.
    package var constraint: Constraint?
    /// Tells words, in which alone stop strings count, from thoughts and calls; nil: stop strings count everywhere.
    package var words: CallReader?
    /// Control tokens that show in the text as they are spelt, which others do not.
    package var shown: Set<Int> = []
    /// What the answer probably says. It is guessed first, costs no place in the context, and changes no answer.
    public var prediction: [Int] = []

    public init(
        prompt: [Int],
        sampling: Sampling = Sampling(),
        stop: [String] = [],
        maxTokens: Int? = nil,
        topLogprobs: Int? = nil,
        promptLogprobs: Bool = false,
        ignoreEOS: Bool = false,
        priority: Int = 0,
        client: Int = 0
    ) {
        (self.prompt, self.sampling, self.stop) = (prompt, sampling, stop)
        (self.maxTokens, self.topLogprobs, self.promptLogprobs) = (maxTokens, topLogprobs, promptLogprobs)
        (self.ignoreEOS, self.priority, self.client) = (ignoreEOS, priority, client)
    }

    /// The steps there are, before others and behind them.
    public static let priorities = -100...100
    /// The most alternatives that can be asked for with ``topLogprobs``.
    public static let maxTopLogprobs = 100
    public static let maxStops = 64
    public static let maxStopLength = 4096
}

extension GenerationRequest {
    /// Returns how many tokens may be generated.
    func validate(vocabulary: Int, context: Int) throws(EngineError) -> Int {
        guard !prompt.isEmpty else { throw .emptyPrompt }
        try require(maxTokens ?? 0 >= 0, "max_tokens must be 0 or more", maxTokens ?? 0)
        let wanted = maxTokens ?? (promptLogprobs ? 0 : 1)
        guard prompt.count <= context, wanted <= context - prompt.count else {
            throw .promptTooLong(tokens: prompt.count, maxTokens: wanted, limit: context)
        }
        for id in prompt where !(0..<vocabulary).contains(id) {
            throw .unknownToken(id: id, vocabulary: vocabulary)
        }
        try require(stop.count <= Self.maxStops, "at most \(Self.maxStops) stop strings are allowed", stop.count)
        for text in stop {
            try require(!text.isEmpty, "a stop string must have text", "an empty one")
            try require(
                text.utf8.count <= Self.maxStopLength,
                "a stop string must have at most \(Self.maxStopLength) bytes",
                text.utf8.count
            )
        }
        if let constraint {
            let size = constraint.grammar.trie.vocabularySize
            try require(size == vocabulary, "a grammar must be for \(vocabulary) tokens", size)
        }
        if let topLogprobs {
            let allowed = 0...min(Self.maxTopLogprobs, vocabulary)
            try require(allowed.contains(topLogprobs), "top_logprobs must be in \(allowed)", topLogprobs)
        }
        try sampling.validate(vocabulary: vocabulary)
        return maxTokens ?? context - prompt.count
    }
}
