import Inference
import Tensors
import Testing

/// Filters that leave the others out of it, against weights of the whole vocabulary, sorted.
@Suite struct FilterTests {
    /// The token that a draw must give.
    static func draw(_ logits: [Float], _ sampling: Sampling, _ chance: Double) -> Int? {
        guard let peak = logits.max(), peak.isFinite, !logits.contains(where: \.isNaN) else { return nil }
        var weights = logits
        logits.withUnsafeBufferPointer { logits in
            weights.withUnsafeMutableBufferPointer {
                _ = expSum(logits, shift: peak, factor: 1 / sampling.temperature, into: $0)
            }
        }
        var sorted = weights.sorted(by: >)
        if sampling.topK > 0, sampling.topK < sorted.count {
            let least = sorted[sampling.topK - 1]
            sorted = sorted.filter { $0 >= least }
        }
        if sampling.topP < 1 {
            let goal = Double(sampling.topP) * sorted.reduce(0) { $0 + Double($1) }
            var sum = 0.0, rank = 0
            while sum < goal || rank == 0 { (sum, rank) = (sum + Double(sorted[rank]), rank + 1) }
            sorted = sorted.filter { $0 >= sorted[rank - 1] }
        }
        let least = max(sorted.last!, sampling.minP, .leastNonzeroMagnitude)
        let kept = weights.indices.filter { weights[$0] >= least }
        let goal = chance * kept.reduce(0) { $0 + Double(weights[$1]) }
        var sum = 0.0
        return kept.first { id in
            sum += Double(weights[id])
            return sum > goal
        } ?? kept.last
    }

    static let filters: [Sampling] = [
        Sampling(), Sampling(topK: 1), Sampling(topK: 4), Sampling(topK: 40), Sampling(topK: 600), Sampling(topP: 0.8),
        Sampling(minP: 0.05), Sampling(minP: 1), Sampling(minP: 1e-7), Sampling(topK: 9, minP: 0.2),
        Sampling(topP: 0.9, minP: 0.1), Sampling(topK: 40, topP: 0.95, minP: 0.05), Sampling(topK: 7, topP: 0),
    ]

    /// Kinds of logits: usual, steep, flat, with many ties, half of them impossible, nearly all impossible.
    static func logits(_ count: Int, kind: Int, _ random: inout Lottery) -> [Float] {
        (0..<count).map { _ in
            let value = Float(random.normal())
            return switch kind {
            case 0: value * 2
            case 1: value * 30
            case 2: value * 1e-3
            case 3: (value * 3).rounded()
            case 4: random.next() % 2 == 0 ? value * 3 : -.infinity
            default: random.next() % 40 == 0 ? value : -.infinity
            }
        }
    }

    @Test(arguments: filters, [1, 2, 17, 255, 256, 257, 1000, 4097]) func drawsAreThoseOfTheWhole(
        filter: Sampling,
        count: Int
    ) {
        var random = Lottery(seed: UInt64(count)), sampler = Sampler(), wrong: [String] = []
        for kind in 0..<6 {
            let logits = Self.logits(count, kind: kind, &random)
            for temperature in [1, 0.6, 3, 1e-5, 1e4] as [Float] {
                var sampling = filter
                sampling.temperature = temperature
                for _ in 0..<3 {
                    let chance = Double.random(in: 0..<1, using: &random)
                    let id = logits.withUnsafeBufferPointer { sampler.sample($0, sampling, chance: chance) }
                    if id != Self.draw(logits, sampling, chance) { wrong.append("\(kind) \(temperature) \(chance)") }
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: filters, [Float.nan, .infinity, -.nan]) func nonsenseIsNoticed(filter: Sampling, value: Float) {
        var sampler = Sampler()
        for place in [0, 255, 256, 699] {
            var logits = [Float](repeating: 1, count: 700)
            logits[place] = value
            #expect(logits.withUnsafeBufferPointer { sampler.sample($0, filter, chance: 0.5) } == nil)
        }
        let nothing = [Float](repeating: -.infinity, count: 700)
        #expect(nothing.withUnsafeBufferPointer { sampler.sample($0, filter, chance: 0.5) } == nil)
    }

    /// Penalties and biases come before the filters.
    @Test(arguments: filters) func whatIsAdjustedIsFilteredAfterwards(filter: Sampling) {
        var random = Lottery(seed: 3), sampler = Sampler(), sampling = filter, history = History(prompt: [1, 2])
        (sampling.repetitionPenalty, sampling.presencePenalty, sampling.frequencyPenalty) = (1.3, 0.4, 0.2)
        sampling.logitBias = [5: 6, 9: -50]
        for id in [2, 3, 3] { history.append(id) }
        for _ in 0..<60 {
            let logits = Self.logits(600, kind: 0, &random), chance = Double.random(in: 0..<1, using: &random)
            var adjusted = logits
            for id in [1, 2, 3] { adjusted[id] = adjusted[id] > 0 ? adjusted[id] / 1.3 : adjusted[id] * 1.3 }
            adjusted[2] -= 0.4 + 1 * 0.2
            adjusted[3] -= 0.4 + 2 * 0.2
            adjusted[5] += 6
            adjusted[9] -= 50
            let id = logits.withUnsafeBufferPointer { sampler.sample($0, sampling, history: history, chance: chance) }
            #expect(id == Self.draw(adjusted, sampling, chance))
        }
    }

    /// One sampler for vocabularies and filters by turns.
    @Test func nothingIsLeftOfTheTokenBefore() {
        var random = Lottery(seed: 8), sampler = Sampler()
        for turn in 0..<300 {
            let logits = Self.logits([300, 5000, 17][turn / 7 % 3], kind: turn % 6, &random)
            let sampling = Self.filters[turn % Self.filters.count], chance = Double.random(in: 0..<1, using: &random)
            let id = logits.withUnsafeBufferPointer { sampler.sample($0, sampling, chance: chance) }
            #expect(id == Self.draw(logits, sampling, chance), "\(turn)")
        }
    }
}
