import Foundation

/// Drafts what a ``DraftModel`` would say, drawn with the request's own random numbers: where the two networks think alike,
/// they choose alike. Only the engine's thread uses it, once it is made.
package final class ModelDrafter: Drafter, @unchecked Sendable {
    /// The most rows that it catches up with between two steps, so that nobody's stream stutters.
    private static let stride = 64
    /// After so many tokens without a guess it tries again, in case its luck has changed.
    private static let patience = 48

    private struct Guess { var token: Int32, kind: Int }

    private let model: DraftModel
    private let sampling: Sampling, chance: Chance
    private let promptCount: Int, end: Int
    private var history: History
    /// The text, and what of it or of guesses the cache holds.
    private var tokens: [Int32], fed: [Int32]
    private var table: [Int32], published: Int, last: Blocks.Content
    private var guesses: ArraySlice<Guess> = []
    private var idle = 0
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
        if let guess = guesses.popFirst() { note(guess.token == token, guess) }
        let place = tokens.count
        tokens.append(token)
        if token >= model.vocabulary { isBroken = true }
        if sampling.penalises { history.append(Int(token)) }
        if place < fed.count, fed[place] != token { fed.removeSubrange(place...) }
    }

    private func note(_ hit: Bool, _ guess: Guess) {
        model.luck.note(hit, kind: guess.kind)
        model.luck.note(hit, kind: Luck.any)
        if !hit { guesses = [] }
    }

    /// How likely its next guess is right.
    package var prospect: Double { isBroken ? 0 : model.luck[Luck.any] }

    package func draft(_ room: Int, _ stakes: inout Stakes, into draft: inout [Int32]) {
        let price = model.price(stakes.step)
        guesses = []
        guard room > 0, isWorthwhile(stakes, price), catchUp(&stakes, price) else { return }
        var probability = 1.0, text = tokens
        for step in 0..<room {
            let pays = step == 0 || stakes.pays(probability * model.luck[Luck.any], price: price)
            guard pays, let guess = think(&text) else { return }
            stakes.spend(price)
            probability *= model.luck[guess.kind]
            guesses.append(guess)
            guard stakes.raise(probability) else { return }
            draft.append(guess.token)
        }
    }

    private func isWorthwhile(_ stakes: Stakes, _ price: Double) -> Bool {
        // Reading on must not take longer than the guesses could save.
        guard !isBroken, tokens.count - fed.count <= 8 * (end - tokens.count) else { return false }
        idle += 1
        guard stakes.pays(model.luck[Luck.any], price: price) || idle > Self.patience && stakes.pays(1, price: price)
        else { return false }
        idle = 0
        return true
    }
}

// MARK: Running the small network

extension ModelDrafter {
    /// Whether the network has read all of the text but a few rows; reads on if not.
    private func catchUp(_ stakes: inout Stakes, _ price: Double) -> Bool {
        let lag = tokens.count - fed.count
        guard lag > Self.stride else { return true }
        let rows = fed.count..<fed.count + Self.stride
        feed(tokens, rows) { _ in }
        idle = Self.patience  // at once again
        return false
    }

    /// What it says after `text`, which gets it.
    private func think(_ text: inout [Int32]) -> Guess? {
        let index = text.count - promptCount
        fed.removeLast(max(0, fed.count - (text.count - 1)))
        var guess: Guess?
        feed(text, fed.count..<text.count) { logits in
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

    private func feed(_ text: [Int32], _ rows: Range<Int>, _ body: (Logits) -> Void) {
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
