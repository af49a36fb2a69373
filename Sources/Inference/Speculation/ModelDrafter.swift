import Foundation

/// Drafts what a ``DraftModel`` would say, drawn with the request's own random numbers: where the two networks think alike,
/// they choose alike. Only the engine's thread uses it, once it is made.
package final class ModelDrafter: Drafter, @unchecked Sendable {
    /// The most rows that it catches up with between two steps, so that nobody's stream stutters.
    private static let stride = 64
    /// An answer is taken to be no longer than that, whatever its limit.
    private static let likelyEnd = 256
    /// The most that reading up may take of the time of the answer to come.
    private static let readingShare = 0.02
    /// What a request may lose before its first guess is right, in tokens.
    private static let grant = 1.0
    /// Guesses that are tried where they have not paid of late.
    private static let trial = 4

    private struct Guess { var token: Int32, kind: Int, isDrafted = false }

    private let model: DraftModel
    private let sampling: Sampling, chance: Chance
    private let promptCount: Int, end: Int
    private var history: History
    /// The text, and what of it or of guesses the cache holds.
    private var tokens: [Int32], fed: [Int32]
    private var table: [Int32], published: Int, last: Blocks.Content
    private var guesses: ArraySlice<Guess> = []
    private var purse = Purse(most: 4)
    private var hasBegun = false
    private var trials = 0
    /// What a token was worth when the guesses were made.
    private var worth = 1.0
    private var isBroken = false

    /// - Parameter maxTokens: the most tokens that will follow the prompt.
    package init(_ model: DraftModel, _ request: GenerationRequest, maxTokens: Int, chance: Chance) {
        (self.model, self.chance, sampling) = (model, chance, request.sampling)
        history = sampling.repetitionPenalty == 1 ? History() : History(prompt: request.prompt)
        promptCount = request.prompt.count
        end = request.prompt.count + maxTokens
        tokens = request.prompt.map(Int32.init)
        (table, last) = model.hold(prefixOf: tokens.dropLast())
        published = table.count
        fed = Array(tokens.prefix(table.count * Blocks.size))
        isBroken = tokens.contains { $0 >= model.vocabulary }
    }

    deinit { model.release(table) }

    package func append(_ token: Int32) {
        if hasBegun { purse.add(Purse.share * worth) }
        model.purse.add(Purse.share / 2 * worth)
        if let guess = guesses.popFirst() { note(guess.token == token, guess) }
        let place = tokens.count
        tokens.append(token)
        if token >= model.vocabulary { isBroken = true }
        if sampling.penalises { history.append(Int(token)) }
        if place < fed.count, fed[place] != token { fed.removeSubrange(place...) }
    }

    private func note(_ hit: Bool, _ guess: Guess) {
        model.luck.note(hit, kind: guess.kind)
        model.luck.note(hit, kind: Luck.any(sampling))
        if hit, guess.isDrafted { purse.add(worth) }
        if !hit { guesses = [] }
    }

    /// How likely its next guess is right.
    private var probability: Double { model.luck[Luck.any(sampling)] }

    /// How likely a guess that costs nothing would have to be right to be as good as its next one; 0 if it makes none.
    package func prospect(_ stakes: Stakes) -> Double {
        isBroken || !hasBegun ? 0 : probability - model.price(stakes.step) / stakes.worth
    }

    package func draft(_ room: Int, _ stakes: inout Stakes, into draft: inout [Int32]) {
        guesses = []
        worth = stakes.worth
        guard room > 0, !isBroken, isWorthwhile(stakes), catchUp(&stakes) else { return }
        let price = model.price(stakes.step), rest = purse.balance / 2
        var probability = 1.0, text = tokens
        for step in 0..<room {
            // Not all on one throw: whoever loses twice or thrice at first must be able to go on.
            let isPrudent = step == 0 || purse.balance - price - stakes.rowCost >= rest
            let pays = step == 0 || stakes.gain(probability * self.probability, price: price) > 0
            guard pays, isPrudent, let guess = think(&text, &stakes) else { return }
            probability *= model.luck[guess.kind]
            guesses.append(guess)
            guard stakes.raise(probability) else { return }
            guesses[guesses.endIndex - 1].isDrafted = true
            purse.spend(stakes.rowCost)
            draft.append(guess.token)
        }
    }
}

// MARK: What it may cost

extension ModelDrafter {
    /// Whether to guess: where that pays and has paid for this request, and now and then to see if it has begun to.
    private func isWorthwhile(_ stakes: Stakes) -> Bool {
        let lag = max(1, tokens.count - fed.count), price = model.price(stakes.step)
        let gain = stakes.gain(probability, price: price)
        if gain > 0 {
            if !hasBegun, reading(lag - 1, stakes) <= bound(gain / 8) {
                begin(Self.grant * worth + reading(lag, stakes))
            }
            return hasBegun && affords(lag, stakes)
        }
        // What was measured once may have been bad luck, too.
        guard stakes.gain(1, price: min(price, 0.5)) > 0 else { return false }
        if trials == 0 { buyTrials(lag, stakes) }
        guard trials > 0, affords(lag, stakes) else { return false }
        if lag <= Self.stride { trials -= 1 }
        return true
    }

    /// What all may spend on trials goes to one.
    private func buyTrials(_ lag: Int, _ stakes: Stakes) {
        let cost = reading(lag, stakes) + Double(Self.trial) * (model.price(stakes.step) + stakes.rowCost)
        guard model.purse.balance >= cost, reading(lag - 1, stakes) <= bound(.infinity) else { return }
        model.purse.spend(cost)
        begin(cost)
        trials = Self.trial
    }

    private func begin(_ amount: Double) {
        purse.give(amount)
        hasBegun = true
    }

    /// What may be spent on reading up, where each token of the answer gains so much.
    private func bound(_ gain: Double) -> Double {
        min(gain, Self.readingShare * worth) * Double(min(end - tokens.count, Self.likelyEnd))
    }

    /// Whether the purse has enough for a guess that so many rows are read for.
    private func affords(_ lag: Int, _ stakes: Stakes) -> Bool {
        purse.balance >= reading(lag, stakes) + stakes.rowCost
    }

    /// What reading that many rows takes.
    private func reading(_ rows: Int, _ stakes: Stakes) -> Double {
        let (strides, rest) = max(0, rows).quotientAndRemainder(dividingBy: Self.stride)
        return Double(strides) * model.price(rows: Self.stride, stakes.step)
            + (rest > 0 ? model.price(rows: rest, stakes.step) : 0)
    }
}

// MARK: Running the small network

extension ModelDrafter {
    /// Whether the network has read all of the text but a few rows; reads on if not.
    private func catchUp(_ stakes: inout Stakes) -> Bool {
        guard tokens.count - fed.count > Self.stride else { return true }
        feed(tokens, fed.count..<fed.count + Self.stride, &stakes) { _ in }
        return false
    }

    /// What it says after `text`, which gets it.
    private func think(_ text: inout [Int32], _ stakes: inout Stakes) -> Guess? {
        let index = text.count - promptCount
        fed.removeLast(max(0, fed.count - (text.count - 1)))
        var guess: Guess?
        feed(text, fed.count..<text.count, &stakes) { logits in
            guard let peak = logits.peak(),
                let id = model.sampler.sample(logits, sampling, history: history, chance: chance[index]),
                id < model.vocabulary
            else { return }
            guess = Guess(token: Int32(id), kind: Luck.kind(exp(logits[id] - logits.logSumExp(peak: peak.value))))
        }
        guard let guess else { return nil }
        text.append(guess.token)
        return guess
    }

    private func feed(_ text: [Int32], _ rows: Range<Int>, _ stakes: inout Stakes, _ body: (Logits) -> Void) {
        let price = model.price(rows: rows.count, stakes.step)
        stakes.spend(price)
        purse.spend(price)
        guard rows.upperBound <= model.contextLength, reserve(rows.upperBound) else { return isBroken = true }
        do {
            try model.run(text[rows], start: rows.lowerBound, blocks: table, body)
            fed.append(contentsOf: text[rows])
            publish()
        } catch {
            isBroken = true
        }
    }

    /// Whether there are blocks for that many positions.
    private func reserve(_ positions: Int) -> Bool {
        let missing = Blocks.covering(positions) - table.count
        guard missing > 0 else { return true }
        let more = model.take(missing)
        table += more
        return !more.isEmpty
    }

    /// Lets later requests find the blocks that the text, as far as it is certain, has filled.
    private func publish() {
        while (published + 1) * Blocks.size <= min(fed.count, tokens.count) {
            let part = tokens[published * Blocks.size..<(published + 1) * Blocks.size]
            (table[published], last) = model.publish(table[published], part, after: last)
            published += 1
        }
    }
}
