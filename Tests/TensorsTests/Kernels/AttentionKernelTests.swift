import CKernels
import Foundation
import TestSupport
import Testing

@Suite struct AttentionKernelTests {
    /// What a cache keeps, and numbers that it keeps as they are.
    struct Kind: Sendable, CustomTestStringConvertible {
        let type: cache_type_t, testDescription: String

        static let all = [
            Kind(type: CACHE_F16, testDescription: "f16"), Kind(type: CACHE_Q8_0, testDescription: "q8_0"),
        ]

        func value(_ width: Int, _ random: inout SplitMix) -> [Float] {
            let scale = Float(Float16(Float.random(in: 0.004...0.008, using: &random)))
            return type == CACHE_F16 ? halves(width, &random) : bytes(width, &random).map { $0 * scale }
        }

        /// A key, or a query: bytes once it is turned.
        func key(_ width: Int, _ random: inout SplitMix) -> [Float] {
            type == CACHE_F16 ? halves(width, &random) : turned(bytes(width, &random)).map { $0 / 128 }
        }

        private func halves(_ width: Int, _ random: inout SplitMix) -> [Float] {
            random.floats(width).map { Float(Float16($0)) }
        }

        /// Whole numbers of which some in each 32 is the largest there can be.
        private func bytes(_ width: Int, _ random: inout SplitMix) -> [Float] {
            stride(from: 0, to: width, by: 32).flatMap { start in
                let others = (1..<min(32, width - start)).map { _ in Float(Int.random(in: -127...127, using: &random)) }
                return ([127] + others).shuffled(using: &random)
            }
        }

        /// The product with Hadamard's matrix, whose signs are the parities of common bits, about as large as before.
        private func turned(_ x: [Float]) -> [Float] {
            let stretch = x.count & -x.count, size = Float(1 << (stretch.trailingZeroBitCount / 2))
            return x.indices.map { i in
                let first = i / stretch * stretch
                return (0..<stretch).reduce(0) {
                    $0 + ((i - first) & $1).nonzeroBitCount.signed * x[first + $1]
                } / size
            }
        }
    }

    /// A cache of scattered blocks, and the same contents in order.
    struct Cache {
        let type: cache_type_t, width: Int, blocks: [Int32], bytes: UnsafeMutableRawPointer, keys, values: [[Float]]
        var blockBytes: Int { cache_block_bytes(type, width) }

        init(_ kernels: kernels_t, _ type: cache_type_t, keys: [[Float]], values: [[Float]]) {
            let positions = keys.count, width = keys[0].count
            var random = SplitMix(seed: UInt64(positions))
            let count = (positions + 15) / 16, blockBytes = cache_block_bytes(type, width)
            blocks = (0..<count).map { Int32($0) }.shuffled(using: &random)
            bytes = .allocate(byteCount: count * blockBytes, alignment: 64)
            // Every half that nobody writes is not a number.
            bytes.initializeMemory(as: UInt8.self, repeating: 0xff, count: count * blockBytes)
            (self.type, self.width, self.keys, self.values) = (type, width, keys, values)
            for position in 0..<positions {
                let block = bytes + Int(blocks[position / 16]) * blockBytes
                kernels.cache_store(type, block, keys[position], values[position], position, width)
            }
        }

        init(_ kernels: kernels_t, _ kind: Kind, width: Int, positions: Int) {
            var random = SplitMix(seed: UInt64(positions))
            let keys = (0..<positions).map { _ in kind.key(width, &random) }
            let values = (0..<positions).map { _ in kind.value(width, &random) }
            self.init(kernels, kind.type, keys: keys, values: values)
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
                    block_bytes: cache.blockBytes,
                    blocks: blocks.baseAddress!,
                    width: cache.width,
                    type: cache.type
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

    static let widths = [16, 32, 64, 80, 256]

    @Test(arguments: ISA.available, Kind.all)
    func agreesWithThePlainFormula(isa: ISA, kind: Kind) {
        for width in Self.widths { agrees(isa, kind, width: width) }
    }

    private func agrees(_ isa: ISA, _ kind: Kind, width: Int) {
        let cache = Cache(isa.kernels, kind, width: width, positions: 1100)
        defer { cache.bytes.deallocate() }
        var random = SplitMix(seed: 5)
        for (range, heads) in [(0..<1, 1), (0..<17, 3), (5..<64, 2), (3..<200, 7), (500..<530, 4), (0..<1100, 1)] {
            let q = (0..<heads).flatMap { _ in kind.key(width, &random) }
            for softcap in [Float(0), 2] {
                let y = attend(isa.kernels, cache, q, range, softcap: softcap)
                for head in 0..<heads {
                    let part = q[head * width..<(head + 1) * width]
                    let expected = cache.plain(part, range, softcap: Double(softcap))
                    for i in 0..<width {
                        let difference = abs(Double(y[head * width + i]) - expected[i])
                        #expect(difference < 2e-5, "width \(width), \(range), head \(head)")
                    }
                }
            }
        }
    }

    /// DESIGN D3: to the bit what each head gives alone.
    @Test(arguments: ISA.available, Kind.all)
    func headsNeverMoveEachOther(isa: ISA, kind: Kind) {
        for width in Self.widths {
            let cache = Cache(isa.kernels, kind, width: width, positions: 700)
            defer { cache.bytes.deallocate() }
            var random = SplitMix(seed: 6)
            let heads = (0..<13).map { _ in random.floats(width) }
            for range in [0..<700, 37..<601] {
                let together = attend(isa.kernels, cache, heads.flatMap(\.self), range, softcap: 0)
                let alone = heads.flatMap { attend(isa.kernels, cache, $0, range, softcap: 0) }
                #expect(together.map(\.bitPattern) == alone.map(\.bitPattern), "width \(width), \(range)")
            }
        }
    }

    /// A single position's weight is 1, so that its value comes back as it is kept: off by half a step, and by what the
    /// scale loses as a half.
    @Test(arguments: ISA.available, widths)
    func bytesAreOffByHalfAStep(isa: ISA, width: Int) {
        var random = SplitMix(seed: 7)
        let values = (0..<40).map { position -> [Float] in
            let size = Float(sign: .plus, exponent: 8 - position / 4, significand: 1)
            return random.floats(width).map { $0 * size }
        }
        let cache = Cache(isa.kernels, CACHE_Q8_0, keys: values, values: values)
        defer { cache.bytes.deallocate() }
        for position in values.indices {
            let y = attend(isa.kernels, cache, random.floats(width), position..<position + 1, softcap: 0)
            for i in 0..<width {
                let peak = values[position][i / 32 * 32..<min(width, i / 32 * 32 + 32)].map(abs).max()!
                #expect(abs(y[i] - values[position][i]) <= peak * (0.5 / 127 + 0x1p-11) * 1.0001, "\(position), \(i)")
            }
        }
    }
}

extension Int {
    /// 1 if it is even, -1 if not.
    fileprivate var signed: Float { self & 1 == 0 ? 1 : -1 }
}
