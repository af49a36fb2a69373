import Tensors
import TestSupport
import Testing

@Suite struct LowRankTests {
    /// Against plain loops in double precision, over floats, quantised weights and packed ones.
    @Test(arguments: [DType.float32, .q8_0], [false, true]) func theSumAndItsLengths(dtype: DType, isPacked: Bool) {
        let (outputs, inputs, rank) = (37, 64, 3)
        var random = SplitMix(seed: 5)
        let plain = Tensor(random.floats(outputs * inputs), shape: [outputs, inputs]).quantized(to: dtype)
        let a = random.floats(rank * inputs), b = random.floats(outputs * rank), w = plain.scalars
        let sum = LowRankSum(
            isPacked ? plain.packed() : plain,
            a: Tensor(a, shape: [rank, inputs]),
            b: Tensor(b, shape: [outputs, rank])
        )
        let expected = (0..<outputs * inputs).map { index in
            (0..<rank).reduce(Double(w[index])) {
                $0 + Double(b[index / inputs * rank + $1]) * Double(a[$1 * inputs + index % inputs])
            }
        }
        let lengths = (0..<outputs).map { row in
            expected[row * inputs..<(row + 1) * inputs].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        expectClose(sum.sum(), Tensor(expected.map(Float.init), shape: [outputs, inputs]))
        expectClose(sum.norms, Tensor(lengths.map(Float.init), shape: [outputs]))
        let other = Tensor((0..<outputs).map { Float($0 + 1) }, shape: [outputs])
        let scaled = expected.indices.map { Float(expected[$0] / lengths[$0 / inputs]) * Float($0 / inputs + 1) }
        expectClose(sum.sum(withLengths: other), Tensor(scaled, shape: [outputs, inputs]))
    }

    @Test(arguments: [1, 16, 37]) func columnwiseGradients(width: Int) {
        var random = SplitMix(seed: 6)
        let p = [
            "x": Tensor(random.floats(5 * width), shape: [5, width]),
            "scale": Tensor(random.floats(width), shape: [width]),
            "shift": Tensor(random.floats(width), shape: [width]),
        ]
        expectGradient(of: p) { columnwise(columnwise($0["x"]!, times: $0["scale"]!), plus: $0["shift"]!) }
        let y = columnwise(columnwise(p["x"]!, times: p["scale"]!), plus: p["shift"]!).scalars
        let (x, scale, shift) = (p["x"]!.scalars, p["scale"]!.scalars, p["shift"]!.scalars)
        let expected = x.indices.map { x[$0] * scale[$0 % width] + shift[$0 % width] }
        expectClose(Tensor(y, shape: [5, width]), Tensor(expected, shape: [5, width]))
    }
}
