import Inference

/// What a request asks for, in no dialect's words.
struct Order: Sendable {
    enum Prompt: Sendable {
        case text(String)
        case tokens([Int])
    }

    var prompts: [Prompt] = []
    /// The field that held them, which a refusal names.
    var promptField = "prompt"
    var sampling = Sampling()
    /// They count in words that no form holds.
    var stop: [String] = []
    /// Nil: as many as the context still holds.
    var maxTokens: Int?
    /// Whether fewer will do where the context holds no more.
    var takesWhatFits = false
    /// How many alternatives to tell beside each token's likelihood; nil tells neither.
    var topLogprobs: Int?
    /// Whether the likelihood of the prompt's tokens is told as well.
    var scoresPrompt = false
    var ignoresEOS = false
    /// How many steps it goes before others; below 0: behind them.
    var priority = 0
    /// How its text is told apart; nil: it is all words.
    var reading: Reading?
    /// What it is held to.
    var constraint: Constraint?
    /// Whether all of its words are held to a form.
    var isForm = false
    /// Control tokens that show in its text.
    var shown: Set<Int> = []
    /// What the answer probably says.
    var prediction: [Int] = []
    /// How many answers each prompt gets.
    var choices = 1
    /// How many of them are made, if more, to return the likeliest; only where nothing is streamed.
    var candidates: Int?
    var isStreamed = false
    /// How long the model is to stay open after it; nil: as it would.
    var keepAlive: KeepAlive?
    /// Fields that nobody here knows; told to the client.
    var ignoredFields: [String] = []
}

extension Order {
    /// Tokens of the first prompt, where it is tokens already.
    var promptTokens: Int { if case .tokens(let ids)? = prompts.first { ids.count } else { 0 } }

    var generationsPerPrompt: Int { max(choices, candidates ?? choices) }

    /// One request for each generation: those of the first prompt, those of the second, and so on.
    func requests(for model: any GenerativeModel, by caller: Caller) throws -> [GenerationRequest] {
        guard priority <= 0 || caller.mayHurry else { throw APIError.mayNotHurry }
        return try prompts.flatMap { prompt in
            let tokens = model.encode(prompt)
            let room = max(1, model.card.contextLength - tokens.count)
            let maxTokens = maxTokens ?? model.card.maxTokens.map { min($0, room) }
            let wanted = takesWhatFits ? maxTokens.map { min($0, room) } : maxTokens
            let budget = try ContextBudget(prompt: tokens.count, wanted: wanted, of: model, param: promptField)
            let stop = isForm ? [] : stop.isEmpty ? model.card.stop : stop
            return (0..<generationsPerPrompt).map { request(tokens, $0, budget, stop, caller) }
        }
    }

    private func request(
        _ tokens: [Int],
        _ index: Int,
        _ budget: ContextBudget,
        _ stop: [String],
        _ caller: Caller
    ) -> GenerationRequest {
        var request = GenerationRequest(
            prompt: tokens,
            sampling: sampling(ofChoice: index),
            stop: stop,
            maxTokens: budget.maxTokens,
            topLogprobs: topLogprobs ?? (generationsPerPrompt > choices ? 0 : nil),
            promptLogprobs: scoresPrompt,
            ignoreEOS: ignoresEOS,
            priority: priority,
            client: caller.number
        )
        (request.constraint, request.shown, request.prediction) = (constraint, shown, prediction)
        request.words = reading?.reader()
        return request
    }

    /// With a seed, each choice has one of its own.
    private func sampling(ofChoice index: Int) -> Sampling {
        var sampling = sampling
        sampling.seed = sampling.seed.map { $0 &+ UInt64(index) }
        return sampling
    }
}

extension GenerativeModel {
    fileprivate func encode(_ prompt: Order.Prompt) -> [Int] {
        switch prompt {
        case .text(let text): vocabulary.encode(text, addSpecial: true, parseSpecial: true)
        case .tokens(let ids): ids
        }
    }
}
