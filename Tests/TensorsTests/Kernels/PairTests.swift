import CKernels
import Tensors
import TestSupport
import Testing

/// Products in pairs of bfloat16, on machines that have them, against sums in double precision and against those of floats.
@Suite struct PairTests {
    static let machineHasPairs = kernels().pointee.pair_product != nil
    static let sets = ISA.available.filter { $0.kernels.pair_product != nil }

    /// Whole numbers below 8 in size, which bfloat16 holds.
    private func wholes(_ count: Int, seed: UInt64) -> [Float] {
        var random = SplitMix(seed: seed)
        return random.floats(count).map { ($0 * 8).rounded() }
    }

    private static let shapes = [
        (1, 1, 1), (5, 7, 3), (6, 64, 4), (13, 33, 32), (25, 40, 16), (7, 66, 31), (24, 95, 17),
    ]

    @Test(arguments: PairTests.sets, shapes)
    func kernelsAgreeWithTheFormula(isa: ISA, shape: (rows: Int, inner: Int, columns: Int)) {
        let (rows, inner, columns) = shape, k = isa.kernels, width = k.product_width, tile = k.pair_tile
        let a = wholes(rows * inner, seed: 1), b = wholes(inner * columns, seed: 2)
        let start = wholes(rows * columns, seed: 3), pairs = (inner + 1) / 2
        var strip = [Float](repeating: 0, count: inner * width)
        for i in 0..<inner { for c in 0..<columns { strip[i * width + c] = b[i * columns + c] } }
        var packed = [UInt32](repeating: .max, count: pairs * width)
        k.pair_strip(&packed, strip, inner)
        let expected = (0..<rows * columns).map { at in
            (0..<inner).reduce(start[at]) { $0 + a[at / columns * inner + $1] * b[$1 * columns + at % columns] }
        }
        let turned = (0..<a.count).map { a[$0 % rows * inner + $0 / rows] }
        for isTurned in [false, true] {
            var tiles = [UInt32](repeating: .max, count: (rows + tile - 1) / tile * tile * pairs), y = start
            k.pair_tiles(&tiles, isTurned ? turned : a, isTurned ? rows : inner, inner, rows, isTurned)
            y.withUnsafeMutableBufferPointer { y in
                let start = UnsafePointer(y.baseAddress)
                k.pair_product(y.baseAddress, columns, start, columns, tiles, packed, rows, inner, columns)
            }
            #expect(y == expected)
        }
    }

    /// Where nothing has to be rounded, pairs give what floats give, to the bit: the slopes of zero scores of 2^n classes, 256 at
    /// most, are such numbers.
    @Test(arguments: [(2, 5, 4), (1024, 37, 64), (256, 1000, 256), (16, 386, 8), (4096, 2500, 4)])
    func gradientsAreThoseOfFloatsWhereBothAreExact(rows: Int, inputs: Int, outputs: Int) {
        let x = Tensor(wholes(rows * inputs, seed: 4), shape: [rows, inputs])
        let w = Tensor(wholes(outputs * inputs, seed: 5), shape: [outputs, inputs])
        let targets = (0..<rows).map { Int32($0 % outputs) }
        func slopes(_ dtype: DType) -> [String: Tensor] {
            valueAndGradient(of: ["x": x, "w": w]) { p in
                let y = linear(p["x"]!, p["w"]!.cast(to: dtype))
                let fixed = Tensor(y.detached.scalars.map { -$0 }, shape: y.shape)
                return crossEntropy(y + fixed, targets)
            }.gradient
        }
        let (pairs, floats) = (slopes(.bfloat16), slopes(.float32))
        for name in ["x", "w"] {
            let differing = zip(pairs[name]!.scalars, floats[name]!.scalars).count { $0 != $1 }
            #expect(differing == 0, "of \(name)")
        }
        #expect(floats["w"]!.scalars.contains { $0 != 0 })
    }
}
