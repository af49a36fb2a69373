import CKernels
import TestSupport
import Testing

/// The thin products of adapters, against plain loops in double precision.
@Suite struct LowRankKernelTests {
    static let rows: [Int32] = [6, 0, 3, 5, 2]

    struct Thin {
        let n, ranks: Int, a, x, up, y, gain, bias: [Float]

        init(_ n: Int, _ ranks: Int) {
            var random = SplitMix(seed: UInt64(n * 100 + ranks))
            (self.n, self.ranks) = (n, ranks)
            (a, x) = (random.floats(ranks * n), random.floats(7 * n))
            (up, y) = (random.floats(ranks * n), random.floats(7 * n))
            (gain, bias) = (random.floats(n), random.floats(n))
        }

        func down(_ row: Int, _ k: Int) -> Double {
            (0..<n).reduce(0) { $0 + Double(a[k * n + $1]) * Double(x[row * n + $1]) }
        }
    }

    @Test(arguments: ISA.available, [1, 15, 16, 33, 150]) func downAgreesWithLoops(isa: ISA, n: Int) {
        for ranks in [1, 3, 4, 8, 13] {
            for count in 1...Self.rows.count {
                let thin = Thin(n, ranks)
                var t = [Float](repeating: 9, count: count * 16)
                isa.kernels.low_rank_down(&t, 16, thin.a, ranks, thin.x, n, Self.rows, count, n)
                for i in 0..<count {
                    for k in 0..<16 {
                        let expected = k < ranks ? thin.down(Int(Self.rows[i]), k) : 9
                        #expect(abs(Double(t[i * 16 + k]) - expected) < 1e-4)
                    }
                }
            }
        }
    }

    @Test(arguments: ISA.available, [1, 15, 16, 33, 150]) func upAgreesWithLoops(isa: ISA, n: Int) {
        for ranks in [1, 4, 13] {
            for isScaled in [false, true] {
                let thin = Thin(n, ranks), t = (0..<5 * ranks).map { Float($0 % 7) - 3 }
                let gain = isScaled ? thin.gain : nil, bias = isScaled ? thin.bias : nil, up = isa.kernels.low_rank_up!
                var y = thin.y
                up(&y, n, Self.rows, 5, t, ranks, ranks, thin.up, n, n, gain, bias)
                for row in 0..<7 {
                    let place = Self.rows.firstIndex(of: Int32(row))
                    for c in 0..<n {
                        let at = row * n + c, start = Double(thin.y[at]), bias = Double(thin.bias[c])
                        let sum = place.map { place in
                            (0..<ranks).reduce(0) { $0 + Double(t[place * ranks + $1]) * Double(thin.up[$1 * n + c]) }
                        }
                        let scale = isScaled ? Double(thin.gain[c]) : 1, shift = isScaled ? bias : 0
                        let expected = sum.map { scale * (start - shift + $0) + shift } ?? start
                        #expect(abs(Double(y[at]) - expected) < 1e-4, "row \(row), column \(c)")
                    }
                }
            }
        }
    }

    /// A row alone and a row among others, and columns cut anywhere that vectors begin: the same bits.
    @Test(arguments: ISA.available) func noBitDependsOnNeighbours(isa: ISA) {
        let n = 150, thin = Thin(n, 13)
        var together = [Float](repeating: 0, count: 5 * 13), y = thin.y
        isa.kernels.low_rank_down(&together, 13, thin.a, 13, thin.x, n, Self.rows, 5, n)
        isa.kernels.low_rank_up(&y, n, Self.rows, 5, together, 13, 13, thin.up, n, n, thin.gain, thin.bias)
        for (i, row) in Self.rows.enumerated() {
            var alone = [Float](repeating: 0, count: 13), own = thin.y
            for k in 0..<13 {
                isa.kernels.low_rank_down(&alone[k], 13, Array(thin.a[k * n..<k * n + n]), 1, thin.x, n, [row], 1, n)
            }
            #expect(alone.elementsEqual(together[i * 13..<(i + 1) * 13]))
            for (first, count) in [(0, 64), (64, 64), (128, 22)] {
                let (gain, bias) = (Array(thin.gain[first...]), Array(thin.bias[first...]))
                let columns = Array(thin.up[first...]), up = isa.kernels.low_rank_up!
                own.withUnsafeMutableBufferPointer {
                    up($0.baseAddress! + first, n, [row], 1, alone, 13, 13, columns, n, count, gain, bias)
                }
            }
            #expect(own[Int(row) * n..<(Int(row) + 1) * n].elementsEqual(y[Int(row) * n..<(Int(row) + 1) * n]))
        }
    }
}
