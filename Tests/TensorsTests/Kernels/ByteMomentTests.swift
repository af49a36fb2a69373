import CKernels
import Foundation
import TestSupport
import Testing

/// Adam's moments in 8 bits, against the formulas in double precision and codes read plainly.
@Suite struct ByteMomentTests {
    static let lengths = [1, 127, 128, 129, 1000]

    /// What a block's code stands for: a float of 3 bits of mantissa, of which 0 is nothing.
    private func value(_ block: moments_t, _ place: Int, isFirst: Bool) -> Double {
        let code = withUnsafeBytes(of: block.codes) { Int($0[place]) }, size = isFirst ? code % 128 : code
        let exponent = Double(size / 8 - (isFirst ? 15 : 31)), share = exp2(exponent) * (1 + Double(size % 8) / 8)
        return size == 0 ? 0 : (isFirst && code > 127 ? -share : share) * Double(block.scale)
    }

    private func values(_ blocks: [moments_t], _ count: Int, isFirst: Bool) -> [Double] {
        (0..<count).map { value(blocks[$0 / Int(MOMENT_BLOCK)], $0 % Int(MOMENT_BLOCK), isFirst: isFirst) }
    }

    @Test(arguments: ISA.available, lengths) func aStepIsAdams(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n)), w = random.floats(n), factors = adam_t()
        (factors.beta1, factors.beta2, factors.epsilon, factors.rate, factors.kept) = (0.8, 0.9, 1e-3, 0.1, 0.99)
        var first = [moments_t](repeating: moments_t(), count: (n + 127) / 128), second = first
        for step in 0..<4 {
            let g = random.floats(n).map { $0 * $0 * $0 }, before = w
            let m = zip(values(first, n, isFirst: true), g).map { 0.8 * $0 + 0.2 * Double($1) }
            let v = zip(values(second, n, isFirst: false), g).map { 0.9 * $0 + 0.1 * Double($1 * $1) }
            isa.kernels.adam_step_bytes(&w, &first, &second, g, n, UInt32(step * 7919), &factors)
            let nextFirst = values(first, n, isFirst: true), nextSecond = values(second, n, isFirst: false)
            for i in 0..<n {
                let expected = Double(before[i]) * 0.99 - 0.1 * m[i] / (v[i].squareRoot() + 1e-3)
                #expect(abs(Double(w[i]) - expected) < 1e-5)
                let most = Double(first[i / 128].scale), mostSquare = Double(second[i / 128].scale)
                #expect(abs(nextFirst[i] - m[i]) <= abs(m[i]) / 8 + most * exp2(-14.8))
                #expect(abs(nextSecond[i] - v[i]) <= v[i] / 8 + mostSquare * exp2(-30.8))
                #expect(v[i] == 0 || nextSecond[i] > 0, "nothing is divided by a root that was rounded to 0")
            }
            for block in first.indices {
                let part = block * 128..<min(n, block * 128 + 128)
                #expect(abs(Double(first[block].scale) - m[part].map(abs).max()!) < 1e-6)
                #expect(abs(Double(second[block].scale) - v[part].max()!) < 1e-6)
            }
        }
    }

    /// Changes that are smaller than half a step between codes add up, as they would not if the nearest code were taken.
    @Test(arguments: ISA.available) func smallChangesAddUp(isa: ISA) {
        let n = 1024
        var w = [Float](repeating: 0, count: n), factors = adam_t()
        (factors.beta1, factors.beta2, factors.epsilon, factors.rate, factors.kept) = (0.99, 0.999, 1e-8, 0, 1)
        var first = [moments_t](repeating: moments_t(), count: n / 128), second = first
        let g = (0..<n).map { exp2(-Float($0 % 128) / 16) * ($0 % 2 == 0 ? 1 : -1) }
        for step in 0..<4000 {
            let salt = UInt32(truncatingIfNeeded: step &* 0x9E37_79B9)
            isa.kernels.adam_step_bytes(&w, &first, &second, g, n, salt, &factors)
        }
        let m = values(first, n, isFirst: true), v = values(second, n, isFirst: false), reached = 1 - pow(0.999, 4000.0)
        for place in stride(from: 0, to: 128, by: 16) {
            let some = Swift.stride(from: place, to: n, by: 128).flatMap { $0..<$0 + 16 }
            let means = some.map { m[$0] / Double(g[$0]) }
            let squares = some.map { v[$0] / Double(g[$0] * g[$0]) / reached }
            #expect(abs(means.reduce(0, +) / Double(some.count) - 1) < 0.02)
            #expect(abs(squares.reduce(0, +) / Double(some.count) - 1) < 0.02)
        }
    }
}
