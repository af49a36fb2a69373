/// Drafts what followed when the request's last tokens came up before, in its prompt or its answer: as many of them as
/// ever did.
///
/// Edited code and quoted documents mostly repeat what the prompt says. A guess is always at hand, drafted or not, and each
/// new token tells whether it was right: so the drafter knows its luck, for every length of agreement, at no cost. Constant
/// time for each token, on average.
package struct PromptLookup: Drafter {
    private var index = SuffixIndex()
    /// Where the token that is guessed to come next stands, and how many tokens before it agree with the end of the text.
    private var guess: Guess?
    private var luck = Luck.ofLookups

    private struct Guess { var place, agreement: Int }

    /// - Parameter prediction: what is believed to follow the prompt, from its first token on.
    package init(_ prompt: some BidirectionalCollection<Int>, prediction: [Int] = []) {
        for token in prediction.prefix(Self.mostTokens) { index.append(Int32(token)) }
        for token in prompt.suffix(Self.mostTokens) { index.append(Int32(token)) }
        guess = prediction.isEmpty ? found : Guess(place: 0, agreement: Self.trust)
    }

    /// What is predicted is believed as if so many tokens had agreed already.
    private static let trust = 16
    /// Fewer tokens that came up before say nothing about what comes next.
    private static let least = 2
    /// Of a longer prompt only the end is known, so that the index stays below some twenty megabytes.
    private static let mostTokens = 1 << 18

    package mutating func append(_ token: Int32) {
        let hit = guess.map { index.tokens[$0.place] == token }
        if let guess, let hit { luck.note(hit, agreement: guess.agreement) }
        index.append(token)
        guess =
            guess.map { guess in
                hit == true
                    ? Guess(place: guess.place + 1, agreement: guess.agreement + 1)
                    : likelier(found, Guess(place: guess.place + 1, agreement: 0))
            } ?? found
    }

    /// How likely its next guess is right.
    package var prospect: Double { guess.map { luck.probability(agreement: $0.agreement) } ?? 0 }

    package func draft(_ room: Int, _ stakes: inout Stakes, into draft: inout [Int32]) {
        guard let guess else { return }
        let first = draft.count, known = index.tokens.count
        var probability = 1.0
        for step in 0..<max(0, room) {
            probability *= luck.probability(agreement: guess.agreement + step)
            guard stakes.raise(probability) else { return }
            let place = guess.place + step
            // A text that repeats itself goes on in the draft.
            draft.append(place < known ? index.tokens[place] : draft[first + place - known])
        }
    }

    /// What followed the longest end of the text that it had before, the latest time.
    private var found: Guess? {
        index.match.length < Self.least ? nil : Guess(place: index.match.end, agreement: index.match.length)
    }

    /// After a wrong guess: what is edited goes on after the edit as before, so the old place is as good as its luck.
    private func likelier(_ found: Guess?, _ resumed: Guess) -> Guess {
        guard let found else { return resumed }
        let better = luck.probability(agreement: found.agreement) >= luck.probability(agreement: 0)
        return better ? found : resumed
    }
}

/// How long the text agreed before a guess, in kinds of equal luck; 0 is right after an edit.
extension Luck {
    private static let bounds = [0, 3, 7, 15, 31]

    fileprivate static var ofLookups: Luck { Luck([0.3, 0.3, 0.5, 0.7, 0.85, 0.95]) }

    fileprivate func probability(agreement: Int) -> Double { self[Self.kind(agreement)] }

    fileprivate mutating func note(_ hit: Bool, agreement: Int) { note(hit, kind: Self.kind(agreement)) }

    private static func kind(_ agreement: Int) -> Int { bounds.firstIndex { agreement <= $0 } ?? bounds.count }
}
