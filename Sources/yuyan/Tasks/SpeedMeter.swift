import Models
import Tensors

/// Times a network's forward passes, without tokenizer, sampler or server.
struct SpeedMeter {
    private let model: any LanguageModel, cache: KeyValueCache, batch, blocksEach: Int

    init(_ model: any LanguageModel, batch: Int, positions: Int) {
        (self.model, self.batch) = (model, batch)
        blocksEach = (positions + CacheShape.blockSize - 1) / CacheShape.blockSize
        cache = KeyValueCache(model.cacheShape, blocks: blocksEach * batch)
    }

    /// Tokens a second of one prompt, in steps of at most 512 tokens as the engine takes them.
    func promptSpeed(tokens: Int) -> Double {
        speed(tokens) {
            for start in stride(from: 0, to: tokens, by: 512) { step([start..<min(tokens, start + 512)]) }
        }
    }

    /// Tokens a second of all sequences together, each one token a step from an empty cache on.
    func generationSpeed(tokens: Int) -> Double {
        speed(tokens * batch) {
            for position in 0..<tokens { step(Array(repeating: position..<position + 1, count: batch)) }
        }
    }

    private func speed(_ tokens: Int, _ work: () -> Void) -> Double {
        Double(tokens) / (ContinuousClock().measure(work) / .seconds(1))
    }

    private func step(_ ranges: [Range<Int>]) {
        var tokens: [Int32] = [], sequences: [Batch.Sequence] = [], outputs: [Int] = []
        for (index, range) in ranges.enumerated() {
            let rows = tokens.count..<tokens.count + range.count
            let blocks = (0..<blocksEach).map { Int32(index * blocksEach + $0) }
            sequences.append(.init(rows: rows, start: range.lowerBound, blocks: blocks))
            tokens += range.map { Int32((index * 31 + $0 * 7) % model.vocabulary) }
            outputs.append(rows.upperBound - 1)
        }
        _ = model(Batch(tokens: tokens, sequences: sequences, outputs: outputs, cache: cache))
    }
}
