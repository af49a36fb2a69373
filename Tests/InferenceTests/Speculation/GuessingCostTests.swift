import Inference
import Synchronization
import Testing

/// What a draft model's guesses cost and save, by a clock that counts rows.
@Suite struct GuessingCostTests {
    /// Says that the next token is one more, and how long that took, in steps of the large network.
    final class Meter: Runner {
        let vocabulary = 64, blocks = 200
        let price: Double
        private let spent = Mutex(0.0)

        init(price: Double) { self.price = price }

        var time: Double { spent.withLock { $0 } }

        func run(_ plan: Plan, _ body: (Logits) -> Void) {
            spent.withLock { $0 += price * (1 + Double(plan.tokens.count - 1) / 8) }
            CountingRunner(vocabulary: vocabulary, blocks: blocks).run(plan, body)
        }
    }

    /// A draft model and what it has cost so far.
    struct Case {
        let meter: Meter, model: DraftModel

        init(price: Double) {
            meter = Meter(price: price)
            model = DraftModel(meter, vocabulary: 64, contextLength: 3000, price: price)
        }

        /// Plays a text in which that share of the tokens is one more than the last; returns the time a token took,
        /// which is 1 without guesses, and the guesses.
        func play(_ share: Double, count: Int, prompt: Int = 12, company: Int = 1, temperature: Float = 0, seed: UInt64)
            -> (time: Double, drafted: Int)
        {
            var random = Lottery(seed: seed), text = [3]
            while text.count < prompt + count {
                let isNext = Double.random(in: 0..<1, using: &random) < share
                text.append(isNext ? (text.last! + 1) % 64 : Int.random(in: 0..<64, using: &random))
            }
            let request = GenerationRequest(
                prompt: Array(text[..<prompt]),
                sampling: Sampling(temperature: temperature, seed: seed),
                maxTokens: count
            )
            let drafter = ModelDrafter(model, request, maxTokens: count, chance: Chance(seed: seed))
            let alone = 1 + Double(company - 1) / 8, before = meter.time
            var place = prompt, time = 0.0, drafted = 0
            while place < text.count {
                var draft: [Int32] = [], stakes = Stakes(rows: company, tokens: company)
                drafter.draft(min(15, text.count - place - 1), &stakes, into: &draft)
                let right = zip(draft, text[place...]).prefix { Int($0) == $1 }.count
                for token in text[place...place + right] { drafter.append(Int32(token)) }
                place += right + 1
                drafted += draft.count
                time += alone + Double(draft.count) / 8
            }
            return ((time + meter.time - before) / (alone * Double(count)), drafted)
        }
    }

    @Test(arguments: [0.1, 0.2, 0.35], [0.9, 1]) func whatPaysGoesOn(price: Double, share: Double) {
        let found = Case(price: price)
        for seed in 1...4 {
            let (time, drafted) = found.play(share, count: 300, seed: UInt64(seed))
            #expect(time < 0.85 && drafted > 100, "\(time)")
        }
    }

    /// Alone or in company, at whatever price: a bounded number of guesses, and hardly any time.
    @Test(arguments: [0.05, 0.2, 0.35, 1.2], [0, 0.1, 0.15]) func whatDoesNotPayStops(price: Double, share: Double) {
        for company in [1, 2, 8] {
            let found = Case(price: price)
            var total = 0.0
            for seed in 1...8 {
                let (time, drafted) = found.play(
                    share,
                    count: 200,
                    company: company,
                    temperature: 1,
                    seed: UInt64(seed)
                )
                total += time / 8
                #expect(time < 1.03 && drafted < 24, "\(time), \(drafted) guesses")
            }
            #expect(total < 1.015, "\(total) with \(company)")
        }
    }

    /// What others gained says nothing of a request that gains nothing.
    @Test func theLuckOfOthersIsLostSoon() {
        let found = Case(price: 0.3)
        for seed in 1...4 { _ = found.play(0.95, count: 300, seed: UInt64(seed)) }
        let (time, drafted) = found.play(0, count: 300, seed: 9)
        #expect(time < 1.025 && drafted < 16, "\(time), \(drafted)")
        #expect(found.play(0.95, count: 300, seed: 10).time < 0.9, "nor does its bad luck of others")
    }

    /// How answers are drawn tells them apart.
    @Test func hotAnswersDoNotSpoilCoolOnes() {
        let found = Case(price: 0.3)
        for seed in 1...6 { _ = found.play(0, count: 200, temperature: 1, seed: UInt64(seed)) }
        #expect(found.play(0.95, count: 300, seed: 10).time < 0.85)
    }

    /// A long prompt is not read for a short answer.
    @Test(arguments: [100, 400, 2000]) func readingUpIsPartOfThePrice(prompt: Int) {
        let found = Case(price: 0.3)
        #expect(found.play(0, count: 64, prompt: prompt, seed: 1).time < 1.04)
    }

    /// Where answers change for the better it is noticed.
    @Test func aSecondChanceComes() {
        let found = Case(price: 0.1)
        for seed in 1...6 { _ = found.play(0, count: 200, seed: UInt64(seed)) }
        let times = (10...40).map { found.play(1, count: 300, seed: $0).time }
        #expect(times.last! < 0.7, "\(times)")
    }
}
