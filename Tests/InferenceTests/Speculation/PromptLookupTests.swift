import Inference
import Testing

@Suite struct PromptLookupTests {
    /// Plays a text to a drafter that saw `prompt`, as an engine with nothing else to do would.
    func play(
        _ text: [Int],
        after prompt: [Int],
        predicting prediction: [Int] = []
    ) -> (steps: Int, drafted: Int, accepted: Int) {
        var lookup = PromptLookup(prompt, prediction: prediction), played = 0,
            result = (steps: 0, drafted: 0, accepted: 0)
        while played < text.count {
            var draft: [Int32] = [], stakes = Stakes(rows: 1, tokens: 1)
            lookup.draft(min(15, text.count - played - 1), &stakes, into: &draft)
            let right = zip(draft, text[played...]).prefix { Int($0) == $1 }.count
            for token in text[played...played + right] { lookup.append(Int32(token)) }
            played += right + 1
            result = (result.steps + 1, result.drafted + draft.count, result.accepted + right)
        }
        return result
    }

    func noise(_ count: Int, seed: UInt64, below: Int = 50_000) -> [Int] {
        var random = Lottery(seed: seed)
        return (0..<count).map { _ in Int.random(in: 0..<below, using: &random) }
    }

    @Test func quotingIsGuessed() {
        let document = noise(400, seed: 1)
        let result = play(Array(document[50..<350]), after: document + noise(20, seed: 2))
        #expect(result.steps < 60 && Double(result.accepted) > 0.9 * Double(result.drafted), "\(result)")
    }

    /// What is said is foretold but for one token in forty; a prediction that is all wrong is soon believed no more.
    @Test func whatIsPredictedIsGuessed() {
        let text = noise(400, seed: 11), prompt = noise(30, seed: 12)
        let foretold = text.enumerated().map { $0 % 40 == 20 ? 7 : $1 }
        let right = play(text, after: prompt, predicting: foretold)
        #expect(right.steps < 80 && Double(right.accepted) > 0.8 * Double(right.drafted), "\(right)")
        let wrong = play(text, after: prompt, predicting: noise(400, seed: 13))
        #expect(wrong.drafted < 40, "\(wrong)")
        #expect(play(text, after: prompt).drafted < 40)
    }

    /// One token in twenty replaced by another, by two or by none: on with the source after each edit.
    @Test(arguments: 0...2) func editingIsGuessed(replacement count: Int) {
        let source = noise(600, seed: 3)
        let edited = source.enumerated().flatMap { $0 % 20 == 7 ? Array([9, 8].prefix(count)) : [$1] }
        let result = play(edited, after: source + noise(20, seed: 4))
        #expect(result.steps < 260, "\(result)")
    }

    @Test func aTextThatRepeatsItselfGoesOnInItsDraft() {
        let result = play((0..<300).map { $0 % 3 }, after: noise(50, seed: 5))
        #expect(result.steps < 50, "\(result)")
    }

    @Test(arguments: [20, 200, 50_000]) func noiseIsHardlyGuessed(vocabulary: Int) {
        let result = play(noise(2000, seed: 6, below: vocabulary), after: noise(2000, seed: 7, below: vocabulary))
        #expect(result.drafted < 160, "\(result)")
    }

    /// Against a search of the whole text: the guess continues the same last tokens, and none is missed that follows eight.
    @Test func aGuessContinuesWhatWasThere() {
        var random = Lottery(seed: 8), text: [Int] = [], lookup = PromptLookup([]), guesses = 0
        for _ in 0..<3000 {
            let copy = Int.random(in: 0..<4, using: &random) == 0 && text.count > 40
            let start = copy ? Int.random(in: 0..<text.count - 20, using: &random) : 0
            let piece = copy ? Array(text[start..<start + 12]) : noise(3, seed: random.next(), below: 900)
            for token in piece {
                text.append(token)
                lookup.append(Int32(token))
            }
            guard copy else { continue }
            var draft: [Int32] = [], stakes = Stakes(rows: 1, tokens: 1)
            lookup.draft(1, &stakes, into: &draft)
            guesses += draft.count
            let places = (12..<text.count).filter { text[$0 - 4..<$0] == text[(text.count - 4)...] }
            #expect(draft.allSatisfy { guess in places.contains { text[$0] == Int(guess) } })
        }
        #expect(guesses > 500)
    }
}

@Suite struct StakesTests {
    /// How many guesses in a row pay if each is right with a probability.
    func length(_ probability: Double, rows: Int, tokens: Int) -> Int {
        var stakes = Stakes(rows: rows, tokens: tokens), chance = probability, count = 0
        while count < 100, stakes.raise(chance) { (count, chance) = (count + 1, chance * probability) }
        return count
    }

    @Test func theSurerTheLonger() {
        let lengths = [0.1, 0.2, 0.5, 0.8, 0.95].map { length($0, rows: 1, tokens: 1) }
        #expect(lengths == lengths.sorted() && lengths[0] == 0 && lengths[1] == 1 && lengths[4] > 10, "\(lengths)")
    }

    @Test func theMoreCompanyTheShorter() {
        let lengths = [1, 2, 4, 8, 16, 32].map { length(0.8, rows: $0, tokens: $0) }
        #expect(lengths == lengths.sorted(by: >) && lengths[0] > 4 && lengths[5] == 0, "\(lengths)")
    }

    /// Where a prompt makes the step long, guesses cost little; but never nothing.
    @Test func aLongStepIsAnOccasion() {
        #expect(length(0.8, rows: 520, tokens: 8) > length(0.8, rows: 8, tokens: 8))
        #expect(length(0.1, rows: 520, tokens: 8) == 0)
    }
}
