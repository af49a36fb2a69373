import Foundation
import Inference
import Testing

/// The sampler against plain definitions, sorted and in double precision.
@Suite struct SamplerTests {
    static let cases: [Sampling] = [
        Sampling(), Sampling(temperature: 0.7), Sampling(temperature: 2),
        Sampling(topK: 1), Sampling(topK: 7), Sampling(topK: 10_000),
        Sampling(topP: 0.9), Sampling(topP: 0.1), Sampling(topP: 0), Sampling(minP: 0.2), Sampling(minP: 1),
        Sampling(temperature: 0.8, topK: 12, topP: 0.8, minP: 0.05), Sampling(topK: 5, topP: 0.99),
        Sampling(logitBias: [3: 4, 5: -100]), Sampling(temperature: 1e-6),
    ]

    /// The probabilities a textbook would give.
    func expected(_ logits: [Float], _ s: Sampling) -> [Double] {
        var x = logits.map(Double.init)
        for (id, bias) in s.logitBias { x[id] += Double(bias) }
        x = x.map { $0 / Double(s.temperature) }
        let peak = x.max()!
        var p = x.map { exp($0 - peak) }
        let order = p.indices.sorted { p[$0] > p[$1] }
        if s.topK > 0 { for id in order.dropFirst(s.topK) { p[id] = 0 } }
        let total = p.reduce(0, +)
        if s.topP < 1 {
            var sum = 0.0
            for (rank, id) in order.enumerated() {
                if rank > 0 && sum >= Double(s.topP) * total { p[id] = 0 }
                sum += p[id]
            }
        }
        for id in p.indices where p[id] < Double(s.minP) * p.max()! { p[id] = 0 }
        let rest = p.reduce(0, +)
        return p.map { $0 / rest }
    }

    @Test(arguments: cases) func drawsFollowTheDistribution(sampling: Sampling) {
        var random = Lottery(seed: 4)
        let logits = (0..<40).map { _ in Float(random.normal() * 2) }
        let expected = expected(logits, sampling)
        var sampler = Sampler(), counts = [Int](repeating: 0, count: 40)
        let draws = 20_000, chance = Chance(seed: 17)
        for index in 0..<draws {
            counts[logits.withUnsafeBufferPointer { sampler.sample($0, sampling, chance: chance[index])! }] += 1
        }
        let likely = expected.indices.filter { expected[$0] * Double(draws) >= 5 }
        let squares = likely.map { id in
            let mean = expected[id] * Double(draws)
            return (Double(counts[id]) - mean) * (Double(counts[id]) - mean) / mean
        }
        let freedom = Double(max(1, likely.count - 1))
        #expect(squares.reduce(0, +) < freedom + 4 * (2 * freedom).squareRoot() + 4, "chi-square")
        for id in expected.indices where expected[id] == 0 { #expect(counts[id] == 0, "token \(id) was filtered") }
    }

    @Test(arguments: [1, 2, 17, 1000, 5003]) func filtersKeepExactlyTheHeaviest(vocabulary: Int) {
        var random = Lottery(seed: UInt64(vocabulary))
        let logits = (0..<vocabulary).map { _ in Float(random.normal() * 3) }
        for sampling in [
            Sampling(topK: 3), Sampling(topP: 0.5), Sampling(topK: 100, topP: 0.97), Sampling(topP: 0.9999),
        ] {
            let probabilities = expected(logits, sampling),
                kept = probabilities.indices.filter { probabilities[$0] > 0 }
            var sampler = Sampler(), seen: Set<Int> = []
            for step in 0..<4000 {
                seen.insert(
                    logits.withUnsafeBufferPointer { sampler.sample($0, sampling, chance: Double(step) / 4000)! }
                )
            }
            #expect(seen.isSubset(of: kept), "\(sampling)")
        }
    }

    /// Vocabularies of many parts: each draw is the token at which the plain sum of probabilities passes the chance.
    @Test(arguments: [4095, 4096, 4097, 20_011]) func drawsPassTheChance(vocabulary: Int) {
        var random = Lottery(seed: 6), sampler = Sampler()
        let logits = (0..<vocabulary).map { _ in Float(random.normal() * 2) }
        for sampling in [
            Sampling(), Sampling(temperature: 0.6), Sampling(minP: 0.01), Sampling(topP: 0.8), Sampling(topK: 9),
            Sampling(topK: 75, topP: 0.9),
        ] {
            let sums = expected(logits, sampling).reduce(into: [0.0]) { $0.append($0.last! + $1) }
            for step in 0..<1000 {
                let chance = (Double(step) + 0.5) / 1000
                let id = logits.withUnsafeBufferPointer { sampler.sample($0, sampling, chance: chance)! }
                #expect(sums[id] <= chance + 1e-5 && chance - 1e-5 <= sums[id + 1], "\(sampling) \(chance)")
            }
        }
    }

    @Test func equalLogitsAllStay() {
        let logits = [Float](repeating: 1, count: 1000)
        var sampler = Sampler(), seen: Set<Int> = []
        for step in 0..<2000 {
            let sampling = Sampling(topK: 3, topP: 0.5)
            seen.insert(logits.withUnsafeBufferPointer { sampler.sample($0, sampling, chance: Double(step) / 2000)! })
        }
        #expect(seen.count == 1000)
    }

    @Test func greedyNeedsNoChance() {
        let logits: [Float] = [0, 5, 5, 1]
        var sampler = Sampler()
        #expect(logits.withUnsafeBufferPointer { sampler.sample($0, .greedy, chance: { fatalError() }()) } == 1)
    }

    @Test func penaltiesFollowTheirFormulas() {
        var history = History(prompt: [0, 1]), sampler = Sampler()
        history.append(2)
        history.append(2)
        func best(_ logits: [Float], _ sampling: Sampling) -> Int {
            logits.withUnsafeBufferPointer { sampler.sample($0, sampling, history: history, chance: 0)! }
        }
        // 4/2 = 2 and -1·2 = -2: the repetition penalty sees the prompt and both signs.
        #expect(best([4, -1, 3, 2.5], Sampling(temperature: 0, repetitionPenalty: 2)) == 3)
        #expect(best([-4, -1, -9, -1.5], Sampling(temperature: 0, repetitionPenalty: 2)) == 3)
        // Presence counts once, frequency each time, the prompt not at all.
        #expect(best([1, 0, 2, 0], Sampling(temperature: 0, presencePenalty: 0.9)) == 2)
        #expect(best([1, 0, 2, 0], Sampling(temperature: 0, presencePenalty: 1.1)) == 0)
        #expect(best([1, 0, 2, 0], Sampling(temperature: 0, frequencyPenalty: 0.45)) == 2)
        #expect(best([1, 0, 2, 0], Sampling(temperature: 0, frequencyPenalty: 0.55)) == 0)
        #expect(best([1, 0, 2, 0], Sampling(temperature: 0, logitBias: [1: 3])) == 1)
    }

    @Test func chanceIsUniformAndByPosition() {
        let chance = Chance(seed: 1)
        let values = (0..<10_000).map { chance[$0] }
        #expect(values.allSatisfy { (0..<1).contains($0) })
        let counts = values.reduce(into: [Int](repeating: 0, count: 20)) { $0[Int($1 * 20)] += 1 }
        // Chi-square of 19 degrees of freedom, p = 0.001.
        #expect(counts.map { Double(($0 - 500) * ($0 - 500)) / 500 }.reduce(0, +) < 44)
        #expect(chance[77] == values[77] && Chance(seed: 2)[77] != values[77])
    }
}
