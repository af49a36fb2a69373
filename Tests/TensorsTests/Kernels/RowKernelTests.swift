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
    func layerNorm(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n))
        let x = random.floats(n, bound: 3).map { $0 + 5 }, w = random.floats(n), b = random.floats(n)
        let dy = random.floats(n), start = random.floats(n)
        let normal = Self.normal(x)
        var y = x, dx = x, dWeight = start, dBias = start
        isa.kernels.layer_norm(&y, x, w, b, n, 1e-5)
        for i in 0..<n { #expect(close(y[i], normal.values[i] * Double(w[i]) + Double(b[i]), 1e-4)) }
        isa.kernels.layer_norm_back(&dx, &dWeight, &dBias, x, w, dy, n, 1e-5)
        let g = zip(dy, w).map { Double($0) * Double($1) }
        let level = g.reduce(0, +) / Double(n), slope = zip(g, normal.values).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
        for i in 0..<n {
            // A row of one value has no deviation but epsilon's, which magnifies rounding.
            let expected = (g[i] - level - normal.values[i] * slope) * normal.inverseDeviation
            #expect(close(dx[i], expected, 1e-5 * max(1, normal.inverseDeviation)))
            #expect(close(dWeight[i], Double(start[i]) + Double(dy[i]) * normal.values[i], 1e-4))
            #expect(dBias[i] == start[i] + dy[i])
        }
    }

    private static func normal(_ x: [Float]) -> (values: [Double], inverseDeviation: Double) {
        let mean = x.reduce(0.0) { $0 + Double($1) } / Double(x.count)
        let variance = x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(x.count)
        let r = 1 / (variance + 1e-5).squareRoot()
        return (x.map { (Double($0) - mean) * r }, r)
    }

    @Test(arguments: ISA.available, lengths)
    func gelus(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n)), y = [Float](repeating: 0, count: n), dx = y
        let x = random.floats(n, bound: 9), dy = random.floats(n)
        isa.kernels.gelu_erf(&y, x, n)
        isa.kernels.gelu_erf_back(&dx, x, dy, n)
        for i in 0..<n {
            let x = Double(x[i]), phi = 0.5 * erfc(-x / 2.0.squareRoot())
            let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
            #expect(close(y[i], x * phi, 1e-6) && close(dx[i], Double(dy[i]) * (phi + x * density), 1e-6))
        }
        isa.kernels.gelu_tanh(&y, x, n)
        isa.kernels.gelu_tanh_back(&dx, x, dy, n)
        for i in 0..<n {
            let x = Double(x[i]), c = (2 / Double.pi).squareRoot(), t = tanh(c * (x + 0.044715 * x * x * x))
            let slope = 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x)
            #expect(close(y[i], 0.5 * x * (1 + t), 2e-6) && close(dx[i], Double(dy[i]) * slope, 4e-6))
        }
    }

    @Test(arguments: ISA.available)
    func gelusOfExtremesAreZeroOrTheValue(isa: ISA) {
        let x: [Float] = [-1e30, -100, -40, 0, 40, 100, 1e30]
        var y = x
        isa.kernels.gelu_erf(&y, x, x.count)
        #expect(y == x.map { max($0, 0) })
        // The sigmoid of what is far below zero is 1e-38, not 0.
        isa.kernels.gelu_tanh(&y, x, x.count)
        for (y, x) in zip(y, x) { #expect(abs(y - max(x, 0)) < 1e-8) }
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
