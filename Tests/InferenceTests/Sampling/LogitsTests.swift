import Foundation
import Inference
import Testing

@Suite struct LogitsTests {
    static let lengths = [1, 2, 15, 16, 17, 31, 33, 100, 1000, 4099]

    @Test(arguments: lengths) func peakAndLogSumExpMatchTheFormula(count: Int) throws {
        var random = Lottery(seed: UInt64(count))
        let logits = (0..<count).map { _ in Float(random.normal() * 8) }
        let peak = try #require(logits.withUnsafeBufferPointer { $0.peak() })
        #expect(peak.value == logits.max() && peak.id == logits.firstIndex(of: logits.max()!))
        let sum = logits.withUnsafeBufferPointer { $0.logSumExp(peak: peak.value) }
        let exact = log(logits.reduce(0) { $0 + exp(Double($1)) })
        #expect(abs(Double(sum) - exact) < 2e-6 * max(1, abs(exact)))
    }

    @Test(arguments: lengths) func equalLogitsGiveTheFirst(count: Int) {
        let logits = [Float](repeating: -3, count: count)
        #expect(logits.withUnsafeBufferPointer { $0.peak()?.id } == 0)
    }

    @Test(arguments: [Float.nan, .infinity, -.nan], [0, 7, 16, 40]) func nonsenseIsNoticedAnywhere(
        value: Float,
        place: Int
    ) {
        var logits = [Float](repeating: 1, count: 41)
        logits[place] = value
        #expect(logits.withUnsafeBufferPointer { $0.peak() } == nil)
    }

    @Test func minusInfinityIsATokenThatNeverComes() {
        var logits = [Float](repeating: -.infinity, count: 20)
        #expect(logits.withUnsafeBufferPointer { $0.peak() } == nil)
        logits[18] = 2
        var sampler = Sampler()
        for chance in [0, 0.5, 0.999999] {
            #expect(logits.withUnsafeBufferPointer { sampler.sample($0, Sampling(), chance: chance) } == 18)
        }
    }

    @Test func scoresComeFromTheRawDistribution() throws {
        let logits: [Float] = [0, 3, 1, 3, -2]
        let score = try #require(logits.withUnsafeBufferPointer { TokenScore(2, in: $0, top: 3) })
        let sum = log(logits.reduce(0) { $0 + exp(Double($1)) })
        #expect(score.top.map(\.id) == [1, 3, 2])
        #expect(abs(Double(score.logprob!) - (1 - sum)) < 1e-5)
        #expect(abs(Double(score.top[0].logprob) - (3 - sum)) < 1e-5)
    }

    @Test(arguments: 1...20) func alternativesAreTheSortedBeginning(count: Int) throws {
        var random = Lottery(seed: 9)
        let logits = (0..<500).map { _ in Float(Int(random.normal() * 4)) }  // many equals
        let score = try #require(logits.withUnsafeBufferPointer { TokenScore(0, in: $0, top: count) })
        let sorted = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
        #expect(score.top.map(\.id) == Array(sorted.prefix(count)))
    }
}
