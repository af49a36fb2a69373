import Foundation
public import Models
import Tensors

/// A text that a model wrote while it learnt.
public struct SampleRecord: Codable, Sendable, Hashable {
    /// After which step, and what follows what.
    public let step: Int, prompt: String, text: String

    public init(step: Int, prompt: String, text: String) { (self.step, self.prompt, self.text) = (step, prompt, text) }
}

/// Tokens that a network draws from its own distribution, one after another.
///
/// A token is the one whose score and a Gumbel variate are the most together (Gumbel 1954), which draws from the softmax;
/// the variates come from the seed and the place, so that the same network writes the same text again.
public struct TokenSampler: Sendable {
    public var temperature: Float, seed: UInt64

    public init(temperature: Float = 0.8, seed: UInt64 = 1) { (self.temperature, self.seed) = (temperature, seed) }

    /// - Parameters:
    ///   - prompt: at least one token.
    ///   - ends: tokens that end the text; they are not part of it.
    public func tokens(after prompt: [Int], most: Int, ends: Set<Int>, _ network: any LanguageModel) -> [Int] {
        precondition(!prompt.isEmpty, "a text must begin with something")
        let blocks = (prompt.count + most + CacheShape.blockSize - 1) / CacheShape.blockSize
        let cache = KeyValueCache(network.cacheShape, blocks: blocks), table = (0..<blocks).map(Int32.init)
        var next = prompt.map(Int32.init), start = 0, written: [Int] = []
        while written.count < most {
            let sequence = Batch.Sequence(rows: 0..<next.count, start: start, blocks: table)
            let batch = Batch(tokens: next, sequences: [sequence], outputs: [next.count - 1], cache: cache)
            guard let token = network(batch).withFloats({ draw($0, place: written.count) }), !ends.contains(token)
            else { break }
            written.append(token)
            start += next.count
            next = [Int32(token)]
        }
        return written
    }

    private func draw(_ logits: UnsafeBufferPointer<Float>, place: Int) -> Int? {
        guard temperature > 0 else { return argmax(logits) }
        var random = Variates(state: seed &+ UInt64(place) &* 0xD1B5_4A32_D192_ED03)
        let scores = logits.map { $0 / temperature - log(-log(random.next())) }
        return scores.withUnsafeBufferPointer { argmax($0) }
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014), giving floats between 0 and 1, both excluded.
private struct Variates {
    var state: UInt64

    mutating func next() -> Float {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (Float((z ^ (z >> 31)) >> 41) + 0.5) / Float(1 << 23)
    }
}
