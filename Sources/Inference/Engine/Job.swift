import Grammars

/// A request inside the engine. Made at the door, then touched by the engine's thread only.
final class Job: @unchecked Sendable {
    let id: Int
    let request: GenerationRequest
    let maxTokens: Int
    let mailbox: Mailbox
    let arrival: ContinuousClock.Instant

    private let chance: Chance
    private var history: History
    private var constrained: Constrained?
    /// How many tokens there are when nothing can follow but the end.
    private var lastIndex: Int?
    private var drafter: (any Drafter)?
    private var transcript: Transcript
    private var promptScores: [TokenScore]
    private(set) var generated = 0
    /// What the step at hand chose, and why it chose no more.
    private(set) var drawn: [TokenScore] = []
    /// How many of the step's guesses were right.
    private(set) var accepted = 0
    private(set) var failure: EngineError?
    private var usage: Usage
    private var seated: ContinuousClock.Instant?
    private var firstToken: ContinuousClock.Instant?
    private(set) var lastToken: ContinuousClock.Instant?

    init(
        _ id: Int,
        _ request: GenerationRequest,
        maxTokens: Int,
        chance: Chance,
        voice: any Voice,
        mailbox: Mailbox,
        drafter: (any Drafter)? = nil
    ) {
        (self.id, self.request, self.maxTokens, self.mailbox) = (id, request, maxTokens, mailbox)
        (self.chance, self.drafter) = (chance, drafter)
        arrival = .now
        history = request.sampling.repetitionPenalty == 1 ? History() : History(prompt: request.prompt)
        constrained = request.constraint.map(Constrained.init)
        transcript = Transcript(voice.makeSpeaker(showing: request.shown), stops: request.stop, words: request.words)
        promptScores = request.promptLogprobs ? [TokenScore(id: request.prompt[0])] : []
        usage = Usage(promptTokens: request.prompt.count)
    }

    /// Whether it still waits for its first seat.
    var isQueued: Bool { seated == nil }

    /// Prompt rows whose logits are wanted for their own sake.
    var scores: Int { request.promptLogprobs ? request.prompt.count - 1 : 0 }

    /// Returns how long the request waited, the first time it is seated.
    func seat(cached: Int, at now: ContinuousClock.Instant) -> Duration? {
        guard seated == nil else { return nil }
        seated = now
        usage.cachedTokens = cached
        usage.queued = now - arrival
        return usage.queued
    }

    /// Adds guesses of the next tokens, fewer than may still be generated, to `draft`.
    func draft(_ room: Int, _ stakes: inout Stakes, into draft: inout [Int32]) {
        let room = min(room, maxTokens - generated - 1), start = draft.count
        guard let drafter else { return }
        constrained?.draft(room, &stakes, into: &draft)
        if draft.count == start { drafter.draft(room, &stakes, into: &draft) }
    }

    /// Takes what the model says about its rows of a plan: scores of the prompt, the next token, and as many more as were
    /// guessed right. Any one thread may do it, while the engine's waits.
    func read(_ slice: Plan.Slice, of plan: Plan, _ logits: Logits, _ sampler: inout Sampler) {
        drawn.removeAll(keepingCapacity: true)
        accepted = 0
        guard !slice.outputs.isEmpty else { return }
        let width = logits.count / plan.outputs.count
        do throws(EngineError) {
            for output in slice.outputs {
                let row = Logits(rebasing: logits[output * width..<(output + 1) * width])
                let position = slice.start + plan.outputs[output] - slice.rows.lowerBound
                if position < scores {
                    try score(position, row)
                } else if maxTokens > 0, lastIndex == nil {
                    drawn.append(try sample(row, &sampler))
                    let next = plan.outputs[output] + 1
                    guard next < slice.rows.upperBound, Int(plan.tokens[next]) == drawn.last!.id else { break }
                }
            }
        } catch {
            failure = error
        }
        accepted = min(slice.drafted, failure == nil ? max(0, drawn.count - 1) : drawn.count)
        constrained?.note(accepted: accepted)
    }

    /// Scores the prompt's token after `position`.
    private func score(_ position: Int, _ logits: Logits) throws(EngineError) {
        let id = request.prompt[position + 1]
        guard let score = TokenScore(id, in: logits, top: request.topLogprobs ?? 0) else {
            throw .badLogits(position: position)
        }
        promptScores.append(score)
    }

    /// Chooses the token after those generated and drawn.
    private func sample(_ logits: Logits, _ sampler: inout Sampler) throws(EngineError) -> TokenScore {
        let index = generated + drawn.count, id = try choose(index, logits, &sampler)
        if constrained?.isComplete == true { lastIndex = index + 1 }
        if request.sampling.penalises { history.append(id) }
        guard let top = request.topLogprobs else { return TokenScore(id: id) }
        guard let score = TokenScore(id, in: logits, top: top) else {
            throw .badLogits(position: request.prompt.count + index - 1)
        }
        return score
    }

    /// Draws a token and holds it against the grammar; only where it may not come are all looked at, and another is drawn.
    private func choose(_ index: Int, _ logits: Logits, _ sampler: inout Sampler) throws(EngineError) -> Int {
        let place = request.prompt.count + index
        let first = sampler.sample(logits, request.sampling, history: history, chance: chance[index])
        guard let first else { throw .badLogits(position: place - 1) }
        guard constrained?.accept(first) == false else { return first }
        guard let mask = constrained?.mask(), !mask.isEmpty else { throw .stuck(position: place) }
        let other = chance.again(index)
        let second = sampler.sample(logits, request.sampling, history: history, mask: mask, chance: other)
        guard let second else { throw .badLogits(position: place - 1) }
        _ = constrained?.accept(second)
        return second
    }
}

// MARK: What the consumer sees

extension Job {
    /// Takes the next token and shows what can be shown; returns why the request is finished, if it is.
    func accept(_ token: TokenScore, ends: Bool, at now: ContinuousClock.Instant) -> FinishReason? {
        generated += 1
        firstToken = firstToken ?? now
        lastToken = now
        drafter?.append(Int32(token.id))
        // By a grammar nothing follows an end, so it is never ignored.
        if ends && (!request.ignoreEOS || constrained != nil) { return .endOfText }
        let (text, tokens, stop) = transcript.append(token)
        if !text.isEmpty || !tokens.isEmpty { mailbox.leave(text, tokens) }
        if let stop { return .stopString(stop) }
        if generated == lastIndex { return .endOfText }
        return generated == maxTokens ? .length : nil
    }

    /// Counts a step's guesses.
    func note(drafted: Int, accepted: Int) {
        usage.draftedTokens += drafted
        usage.acceptedTokens += accepted
    }

    func showPromptScores() {
        guard !promptScores.isEmpty else { return }
        mailbox.leave(promptScores: promptScores)
        promptScores = []
    }

    /// Ends the events. Text held back for a stop string that never came is shown first.
    func end(_ outcome: Result<FinishReason, EngineError>) {
        mailbox.leave(end: outcome.map { .finished(showRest($0), finalUsage()) })
    }

    /// Returns why the answer ended once all of it is seen.
    private func showRest(_ reason: FinishReason) -> FinishReason {
        guard reason == .endOfText || reason == .length else { return reason }
        let (text, tokens, stop) = transcript.finish()
        if !text.isEmpty || !tokens.isEmpty { mailbox.leave(text, tokens) }
        return stop.map(FinishReason.stopString) ?? reason
    }

    private func finalUsage() -> Usage {
        usage.completionTokens = generated
        if let seated, let firstToken { usage.prefill = firstToken - seated }
        if let firstToken, let lastToken { usage.decoding = lastToken - firstToken }
        return usage
    }
}
