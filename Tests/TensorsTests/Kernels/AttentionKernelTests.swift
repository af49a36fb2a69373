import CKernels
import Foundation
import TestSupport
import Testing

@Suite struct AttentionKernelTests {
    /// A cache of scattered blocks with random contents, and the same contents as halves in order.
    struct Cache {
        let width: Int, blocks: [Int32], bytes: UnsafeMutableRawPointer, keys, values: [[Float]]

        init(_ kernels: kernels_t, width: Int, positions: Int) {
            var random = SplitMix(seed: UInt64(positions))
            let count = (positions + 15) / 16, blockBytes = 64 * width
            blocks = (0..<count).map { Int32($0) }.shuffled(using: &random)
            bytes = .allocate(byteCount: count * blockBytes, alignment: 64)
            // Every half that nobody writes is not a number.
            bytes.initializeMemory(as: UInt8.self, repeating: 0xff, count: count * blockBytes)
            keys = (0..<positions).map { _ in random.floats(width).map { Float(Float16($0)) } }
            values = (0..<positions).map { _ in random.floats(width).map { Float(Float16($0)) } }
            self.width = width
            for position in 0..<positions {
                let block = bytes + Int(blocks[position / 16]) * blockBytes
                kernels.cache_store(block, keys[position], values[position], position, width)
            }
        }

        /// Attention of one head over some positions, written plainly.
        func plain(_ q: ArraySlice<Float>, _ range: Range<Int>, softcap: Double) -> [Double] {
            let q = q.map { Double($0) }
            let scores = range.map { position -> Double in
                let score = zip(q, keys[position]).reduce(0) { $0 + $1.0 * Double($1.1) }
                return softcap > 0 ? softcap * tanh(score / softcap) : score
            }
            let peak = scores.max()!, weights = scores.map { exp($0 - peak) }, sum = weights.reduce(0, +)
            return (0..<width).map { i in
                zip(range, weights).reduce(0) { $0 + $1.1 / sum * Double(values[$1.0][i]) }
            }
        }
    }

    /// All parts of a range, merged in order, as the op does it.
    private func attend(
        _ kernels: kernels_t,
        _ cache: Cache,
        _ q: [Float],
        _ range: Range<Int>,
        softcap: Float
    ) -> [Float] {
        let heads = q.count / cache.width, size = heads * (cache.width + 2)
        var partial: [Float] = [], y = [Float](repeating: .nan, count: q.count)
        for part in range.lowerBound / 512...(range.upperBound - 1) / 512 {
            var later = [Float](repeating: .nan, count: size)
            cache.blocks.withUnsafeBufferPointer { blocks in
                var head = cache_head_t(
                    base: UnsafePointer(cache.bytes.assumingMemoryBound(to: UInt8.self)),
                    block_bytes: 64 * cache.width,
                    blocks: blocks.baseAddress!,
                    width: cache.width
                )
                let from = max(range.lowerBound, part * 512), to = min(range.upperBound, part * 512 + 512)
                kernels.attend_begin(&later, heads, cache.width)
                kernels.attend_part(&later, q, &head, from, to, heads, softcap)
            }
            if partial.isEmpty { partial = later } else { kernels.attend_merge(&partial, later, heads, cache.width) }
        }
        kernels.attend_finish(&y, partial, heads, cache.width)
        return y
    }

    @Test(arguments: ISA.available, [16, 64, 80, 256])
    func agreesWithThePlainFormula(isa: ISA, width: Int) {
        let cache = Cache(isa.kernels, width: width, positions: 1100)
        defer { cache.bytes.deallocate() }
        var random = SplitMix(seed: 5)
        for (range, heads) in [(0..<1, 1), (0..<17, 3), (5..<64, 2), (3..<200, 7), (500..<530, 4), (0..<1100, 1)] {
            let q = random.floats(heads * width)
            for softcap in [Float(0), 2] {
                let y = attend(isa.kernels, cache, q, range, softcap: softcap)
                for head in 0..<heads {
                    let part = q[head * width..<(head + 1) * width]
                    let expected = cache.plain(part, range, softcap: Double(softcap))
                    for i in 0..<width {
                        #expect(abs(Double(y[head * width + i]) - expected[i]) < 2e-5, "\(range), head \(head)")
                    }
                }
            }
        }
    }
}
