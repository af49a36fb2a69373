import CKernels
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct RowKernelTests {
    static let lengths = [1, 3, 4, 15, 16, 17, 31, 64, 1000]

    private func close(_ a: Float, _ b: Double, _ tolerance: Double = 1e-5) -> Bool {
        abs(Double(a) - b) <= tolerance * (1 + abs(b))
    }

    @Test(arguments: ISA.available, lengths)
    func rmsNorm(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n))
        let x = random.floats(n, bound: 3), w = random.floats(n)
        var y = x
        isa.kernels.rms_norm(&y, x, w, n, 1e-5)
        let scale = 1 / (x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n) + 1e-5).squareRoot()
        for i in 0..<n { #expect(close(y[i], Double(x[i]) * scale * Double(w[i]))) }
    }

    @Test(arguments: ISA.available, lengths)
    func arithmetic(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n)), y = [Float](repeating: 0, count: n)
        let a = random.floats(n, bound: 9), b = random.floats(n, bound: 9)
        isa.kernels.add(&y, a, b, n)
        #expect(y == zip(a, b).map(+))
        isa.kernels.multiply(&y, a, b, n)
        #expect(y == zip(a, b).map(*))
        isa.kernels.scale(&y, a, 0.3, n)
        #expect(y == a.map { $0 * 0.3 })
    }

    @Test(arguments: ISA.available, lengths)
    func gatedActivations(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n)), y = [Float](repeating: 0, count: n)
        let gate = random.floats(n, bound: 30), up = random.floats(n)
        isa.kernels.swiglu(&y, gate, up, n)
        for i in 0..<n { #expect(close(y[i], Double(gate[i]) / (1 + exp(-Double(gate[i]))) * Double(up[i]))) }
        isa.kernels.geglu(&y, gate, up, n)
        for i in 0..<n {
            let g = Double(gate[i]), inner = (2 / Double.pi).squareRoot() * (g + 0.044715 * g * g * g)
            #expect(close(y[i], 0.5 * g * (1 + tanh(inner)) * Double(up[i])))
        }
    }

    @Test(arguments: ISA.available, lengths)
    func slopesOfASoftmax(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n))
        let p = random.floats(n), before = random.floats(n)
        var dp = before
        isa.kernels.softmax_back(&dp, p, n, 0.25, 0.5)
        for i in 0..<n { #expect(close(dp[i], Double(p[i]) * (Double(before[i]) - 0.25) * 0.5)) }
        #expect(isa.kernels.largest(p, n) == p.max())
    }

    @Test(arguments: ISA.available, [DType.float32, .float16, .bfloat16])
    func narrowFloats(isa: ISA, dtype: DType) {
        var random = SplitMix(seed: 1)
        for n in Self.lengths {
            var x = random.floats(n, bound: 100)
            if n > 20 { x.replaceSubrange(0..<6, with: [.nan, .infinity, -.infinity, -0, 1 + 0x1p-8, 1 + 0x3p-8]) }
            let bytes = dtype.bytes(for: n)
            var (found, expected) = ([UInt8](repeating: 1, count: bytes), [UInt8](repeating: 2, count: bytes))
            isa.kernels.narrow(dtype.weight, &found, x, n)
            write_floats(dtype.weight, &expected, x, n)
            #expect(found == expected)
            var (back, plain) = (x, x)
            isa.kernels.widen(dtype.weight, &back, expected, n)
            dequantize_row(dtype.weight, &plain, expected, n)
            #expect(back.map(\.bitPattern) == plain.map(\.bitPattern))
        }
    }

    @Test(arguments: ISA.available, [1, 2, 8, 16, 24, 33, 64])
    func rotation(isa: ISA, half: Int) {
        var random = SplitMix(seed: UInt64(half)), y = [Float](repeating: 0, count: 2 * half)
        let x = random.floats(2 * half), angles = random.floats(half, bound: 7)
        isa.kernels.rotate(&y, x, angles.map { cos($0) }, angles.map { sin($0) }, half)
        for i in 0..<half {
            let (a, b, angle) = (Double(x[i]), Double(x[half + i]), Double(angles[i]))
            #expect(close(y[i], a * cos(angle) - b * sin(angle)))
            #expect(close(y[half + i], b * cos(angle) + a * sin(angle)))
        }
    }

    @Test(arguments: ISA.available, lengths)
    func argmax(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n)), x = random.floats(n)
        #expect(isa.kernels.argmax(x, n) == x.indices.max { x[$0] < x[$1] }!)
        x[n - 1] = .infinity
        #expect(isa.kernels.argmax(x, n) == n - 1)
        x[0] = .nan
        #expect(isa.kernels.argmax(x, n) == (n == 1 ? n : n - 1))
        #expect(isa.kernels.argmax([Float](repeating: .nan, count: n), n) == n)
    }

    @Test(arguments: ISA.available, lengths)
    func exponentials(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n)), y = [Float](repeating: 0, count: n)
        let x = random.floats(n, bound: 40)
        let sum = isa.kernels.exp_sum(&y, x, n, 1.5, 0.7)
        let expected = x.map { exp((Double($0) - 1.5) * Double(Float(0.7))) }
        for i in 0..<n { #expect(abs(Double(y[i]) / expected[i] - 1) < 2e-6 * (1 + abs(Double(x[i])))) }
        #expect(abs(Double(sum) / expected.reduce(0, +) - 1) < 5e-5)
    }

    @Test(arguments: ISA.available)
    func exponentialsOfExtremesStayFinite(isa: ISA) {
        let x: [Float] = [-.infinity, -1e30, -88, -87, 0, 88, 200, .infinity]
        var y = x
        _ = isa.kernels.exp_sum(&y, x, x.count, 0, 1)
        #expect(y[0] == 0 && y[1] == 0 && y[4] == 1)
        #expect(y.allSatisfy { $0.isFinite && $0 >= 0 })
    }
}
