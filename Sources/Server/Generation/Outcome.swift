import Inference

/// What the choices of one request cost together.
struct Outcome: Sendable {
    private(set) var promptTokens = 0, cachedTokens = 0, completionTokens = 0
    /// Those of the completion that were thoughts, their markers included.
    private(set) var thoughtTokens = 0
    /// Guessed ahead, and right.
    private(set) var draftedTokens = 0, acceptedTokens = 0
    /// Of the client's prediction, in all choices: never more than it has.
    private(set) var predictedTokens = 0, mispredictedTokens = 0
    /// The longest wait, the longest reading of a prompt and the longest writing; choices run side by side.
    private(set) var queued = Duration.zero, prefill = Duration.zero, decoding = Duration.zero
    /// How long the model took to open.
    let loading: Duration
    /// How many tokens the client believes the answer to have.
    private let prediction: Int
    private var prompts: Set<Int> = []

    init(loading: Duration = .zero, prediction: Int = 0) {
        (self.loading, self.prediction) = (loading, prediction)
    }

    /// - Parameter prompt: which prompt the choice belongs to; each counts once.
    /// - Parameter thoughts: how many of its tokens were thoughts.
    mutating func add(_ usage: Usage, prompt: Int = 0, thoughts: Int = 0) {
        if prompts.insert(prompt).inserted {
            promptTokens += usage.promptTokens
            cachedTokens += usage.cachedTokens
        }
        completionTokens += usage.completionTokens
        thoughtTokens += thoughts
        draftedTokens += usage.draftedTokens
        acceptedTokens += usage.acceptedTokens
        let right = min(usage.acceptedTokens, prediction)
        predictedTokens += right
        mispredictedTokens += min(usage.draftedTokens - usage.acceptedTokens, prediction - right)
        queued = max(queued, usage.queued)
        prefill = max(prefill, usage.prefill)
        decoding = max(decoding, usage.decoding)
    }
}

extension Outcome {
    /// Tells the log line.
    func report(to context: AppContext) {
        context.notes.add(promptTokens: promptTokens, completionTokens: completionTokens)
    }
}
