import CKernels
import Tensors
import TestSupport
import Testing

/// Products of whole matrices, on every instruction set, against sums in double precision.
@Suite struct ProductKernelTests {
    private func close(_ a: [Float], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs(Double($0) - $1) <= 1e-4 * (1 + abs($1)) }
    }

    /// `[rows][columns]`, on top of `start`.
    private func sums(_ a: [Float], _ b: [Float], _ start: [Float], rows: Int, inner: Int, columns: Int) -> [Double] {
        (0..<rows * columns).map { at in
            (0..<inner).reduce(Double(start[at])) {
                $0 + Double(a[at / columns * inner + $1]) * Double(b[$1 * columns + at % columns])
            }
        }
    }

    private func turned(_ x: [Float], rows: Int) -> [Float] {
        let columns = x.count / rows
        return (0..<x.count).map { x[$0 % rows * columns + $0 / rows] }
    }

    private static let shapes = [(1, 1, 1), (5, 7, 3), (6, 64, 4), (13, 33, 8), (12, 40, 16), (7, 16, 31)]

    @Test(arguments: ISA.available, shapes)
    func agreeWithTheFormulaHoweverOperandsLie(isa: ISA, shape: (rows: Int, inner: Int, columns: Int)) {
        let (rows, inner, columns) = shape, k = isa.kernels, width = k.product_width, tile = k.product_tile
        var random = SplitMix(seed: 3)
        let a = random.floats(rows * inner), b = random.floats(inner * columns), start = random.floats(rows * columns)
        let expected = sums(a, b, start, rows: rows, inner: inner, columns: columns)
        var tiles = [Float](repeating: .nan, count: (rows + tile - 1) / tile * tile * inner)
        k.product_tile_columns(&tiles, turned(a, rows: rows), rows, inner, rows)
        var results: [[Float]] = []
        for isTurned in [false, true] {
            var (plain, tiled) = (start, start)
            let right = isTurned ? turned(b, rows: inner) : b
            for column in stride(from: 0, to: columns, by: width) {
                let some = min(width, columns - column)
                var strip = [Float](repeating: .nan, count: width * inner)
                right.withUnsafeBufferPointer { right in
                    let cut = isTurned ? k.product_strip_columns! : k.product_strip_rows!
                    let from = right.baseAddress! + (isTurned ? column * inner : column)
                    cut(WEIGHT_F32, &strip, from, (isTurned ? inner : columns) * 4, inner, some)
                }
                plain.withUnsafeMutableBufferPointer {
                    let y = $0.baseAddress! + column
                    k.product_rows(y, columns, y, columns, a, inner, strip, rows, inner, some)
                }
                tiled.withUnsafeMutableBufferPointer {
                    let y = $0.baseAddress! + column
                    k.product_tiles(y, columns, y, columns, tiles, strip, rows, inner, some)
                }
            }
            results += [plain, tiled]
        }
        #expect(close(results[0], expected))
        #expect(results.allSatisfy { $0 == results[0] })
    }

    /// A network that learns multiplies rows of weights, one that serves multiplies panels.
    @Test(arguments: [DType.float32, .float16, .bfloat16], [1, 5, 40, 600])
    func rowsAndPanelsOfWeightsGiveTheSameBits(dtype: DType, rows: Int) {
        var random = SplitMix(seed: 4)
        for (inputs, outputs) in [(37, 5), (300, 129), (520, 70)] {
            let x = Tensor(random.floats(rows * inputs), shape: [rows, inputs])
            let w = Tensor(random.floats(outputs * inputs), shape: [outputs, inputs]).cast(to: dtype)
            let bias = Tensor(random.floats(outputs), shape: [outputs])
            let learning = linear(x, w, bias: bias), serving = linear(x, w.packed(), bias: bias)
            #expect(learning.scalars == serving.scalars)
        }
    }

    /// Through packed weights of every type, whatever the shape: as through the same numbers in rows.
    @Test(arguments: DType.weights, [1, 9, 200])
    func gradientsGoThroughPanelsAsThroughRows(dtype: DType, rows: Int) {
        var random = SplitMix(seed: 6)
        for (inputs, outputs) in [(512, 5), (256, 400), (1280, 33)] {
            let x = Tensor(random.floats(rows * inputs), shape: [rows, inputs])
            let w = RandomWeights(dtype, rows: outputs, k: inputs).tensor
            let isRounded = PairTests.machineHasPairs && (dtype.isQuantized || dtype == .bfloat16)
            let plain = Tensor(w.scalars, shape: w.shape).cast(to: isRounded ? .bfloat16 : .float32)
            let targets = (0..<rows).map { Int32($0 % outputs) }
            // The same slopes on both sides: those of a loss that does not ask what the product was.
            func slopes(_ w: Tensor) -> [Float] {
                valueAndGradient(of: ["x": x]) { p in
                    let y = linear(p["x"]!, w), fixed = Tensor(y.detached.scalars.map { -$0 }, shape: y.shape)
                    return crossEntropy(y + fixed, targets)
                }.gradient["x"]!.scalars
            }
            #expect(slopes(w.packed()) == slopes(plain))
            #expect(slopes(w) == slopes(plain))
        }
    }

    /// Batches of every size, and their parts, on however many threads the machine has.
    @Test func gradientsOfSeveralBatchesAddUpInPlace() {
        var random = SplitMix(seed: 8)
        let p = ["w": Tensor(random.floats(70 * 300), shape: [70, 300]), "b": Tensor(random.floats(70), shape: [70])]
        let batches = (1...3).map { Tensor(random.floats($0 * 11 * 300), shape: [$0 * 11, 300]) }
        func loss(_ p: [String: Tensor], _ x: Tensor) -> Tensor {
            crossEntropy(linear(x, p["w"]!, bias: p["b"]!), (0..<x.shape[0]).map { Int32($0) })
        }
        var sum: [String: Tensor] = [:], value: Float = 0
        for batch in batches { value += Tensors.value(of: p, addingGradientTo: &sum) { loss($0, batch) } }
        let whole = valueAndGradient(of: p) { p in loss(p, batches[0]) + loss(p, batches[1]) + loss(p, batches[2]) }
        #expect(abs(whole.value - value) < 1e-4)
        for (name, expected) in whole.gradient { expectClose(sum[name]!, expected, absolute: 1e-5, name) }
    }
}
