import Tensors
import TestSupport
import Testing

@Suite struct LinearTests {
    private func plain(_ x: Tensor, _ w: Tensor, _ bias: Tensor?) -> Tensor {
        let k = x.shape.width, n = w.shape[0], (a, b, c) = (x.scalars, w.scalars, bias?.scalars)
        let y = (0..<x.shape.rows * n).map { at -> Float in
            let (row, column) = (at / n, at % n)
            let terms = (0..<k).map { Double(a[row * k + $0]) * Double(b[column * k + $0]) }
            return Float(terms.reduce(Double(c?[column] ?? 0), +))
        }
        return Tensor(y, shape: [x.shape.rows, n])
    }

    @Test(arguments: [1, 2, 5, 33], [1, 31, 32, 65])
    func floatMapsAgreeWithTheFormula(rows: Int, outputs: Int) {
        var random = SplitMix(seed: 1)
        let x = Tensor(random.floats(rows * 37), shape: [rows, 37])
        let w = Tensor(random.floats(outputs * 37), shape: [outputs, 37])
        let bias = Tensor(random.floats(outputs), shape: [outputs])
        expectClose(linear(x, w, bias: bias), plain(x, w, bias))
        expectClose(linear(x, w.packed()), plain(x, w, nil))
    }

    @Test(arguments: DType.weights)
    func severalMapsOfOneInputAreThoseMapsOneByOne(dtype: DType) {
        var random = SplitMix(seed: 2)
        let x = Tensor(random.floats(9 * 512), shape: [9, 512])
        let maps = [3, 64, 100].map { rows in
            AffineMap(
                RandomWeights(dtype, rows: rows, k: 512).tensor.packed(),
                bias: Tensor(random.floats(rows), shape: [rows])
            )
        }
        let together = linear(x, maps)
        for (map, y) in zip(maps, together) {
            #expect(linear(x, map.weight, bias: map.bias).scalars == y.scalars)
            // What rounding the input costs is the kernels' test.
            let isExact = !dtype.isQuantized && dtype != .bfloat16
            if isExact { expectClose(y, plain(x, map.weight, map.bias)) }
        }
    }

    @Test func leadingAxesAreKept() {
        let x = Tensor([Float](repeating: 1, count: 24), shape: [2, 3, 4])
        let w = Tensor([Float](repeating: 2, count: 20), shape: [5, 4])
        #expect(linear(x, w).shape == [2, 3, 5])
        #expect(linear(x, w).scalars.allSatisfy { $0 == 8 })
    }
}
