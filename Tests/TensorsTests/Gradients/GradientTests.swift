import Tensors
import TestSupport
import Testing

/// Every op's gradient against differences of its values.
@Suite struct GradientTests {
    private func tensors(_ shapes: KeyValuePairs<String, Shape>, seed: UInt64 = 7) -> [String: Tensor] {
        var random = SplitMix(seed: seed)
        return Dictionary(uniqueKeysWithValues: shapes.map { ($0, Tensor(random.floats($1.elements), shape: $1)) })
    }

    @Test func sumsAndProducts() {
        expectGradient(of: tensors(["a": [3, 5], "b": [3, 5]])) { p in (p["a"]! + p["b"]! * 3) * p["a"]! }
    }

    @Test func shapes() {
        expectGradient(of: tensors(["a": [4, 6]])) { p in
            p["a"]!.reshaped(2, 3, 4).rows(1..<2).reshaped(4, 3) * p["a"]!.rows(0..<2).reshaped(4, 3)
        }
    }

    @Test(arguments: [1, 7, 16, 37]) func gatedActivations(width: Int) {
        expectGradient(of: tensors(["gate": [3, width], "up": [3, width]])) { swiGLU($0["gate"]!, $0["up"]!) }
        expectGradient(of: tensors(["gate": [3, width], "up": [3, width]])) { geGLU($0["gate"]!, $0["up"]!) }
    }

    @Test(arguments: [5, 16, 37]) func norms(width: Int) {
        expectGradient(of: tensors(["x": [40, width], "w": [width]])) { rmsNorm($0["x"]!, $0["w"]!, epsilon: 1e-5) }
    }

    @Test(arguments: [5, 16, 37]) func layerNorms(width: Int) {
        expectGradient(of: tensors(["x": [40, width], "w": [width], "b": [width]])) {
            layerNorm($0["x"]!, $0["w"]!, $0["b"]!, epsilon: 1e-2)
        }
    }

    @Test(arguments: [1, 7, 16, 37]) func gelus(width: Int) {
        expectGradient(of: tensors(["x": [3, width]])) { gelu($0["x"]!) }
        expectGradient(of: tensors(["x": [3, width]])) { tanhGELU($0["x"]!) }
    }

    @Test func partsOfRows() {
        expectGradient(of: tensors(["x": [3, 12]])) { p in
            let y = split(p["x"]!, into: 3)
            return y[0] * y[2] + y[1].reshaped(3, 4) * 2
        }
    }

    @Test func rotations() {
        let angles = RotaryAngles(positions: [0, 3, 11], frequencies: rotaryFrequencies(width: 8, base: 100))
        expectGradient(of: tensors(["x": [3, 2, 8]])) { rotary($0["x"]!, angles) }
    }

    @Test func rotationsOfAPartInPairsOfNeighbours() {
        let frequencies = rotaryFrequencies(width: 6, base: 100), positions: [Int32] = [0, 3, 11]
        let angles = RotaryAngles(positions: positions, frequencies: frequencies, magnitude: 1.25, pairing: .neighbours)
        expectGradient(of: tensors(["x": [3, 2, 8]])) { rotary($0["x"]!, angles) }
    }

    @Test func partsOfRowsOfUnequalWidths() {
        expectGradient(of: tensors(["x": [3, 2, 7]])) { p in
            let y = split(p["x"]!, widths: [2, 4, 1])
            return joined([y[1], y[2], y[0]]) * p["x"]!
        }
    }

    @Test func boundedScores() {
        expectGradient(of: tensors(["x": [3, 7]])) { softcapped($0["x"]! * 4, 2) }
        expectGradient(of: tensors(["gate": [3, 7], "up": [3, 7]]), step: 1e-3, absolute: 2e-2, relative: 2e-2) {
            boundedSwiGLU($0["gate"]! * 3, $0["up"]! * 3, bound: 2)
        }
    }

    @Test func rowsOfATable() {
        expectGradient(of: tensors(["table": [6, 70]])) { gather($0["table"]!, rows: [1, 5, 1, 0, 1]) }
    }

    @Test(arguments: [(1, 3, 5), (7, 33, 40), (20, 16, 64)]) func affineMaps(rows: Int, outputs: Int, inputs: Int) {
        let p = tensors(["x": [rows, inputs], "w": [outputs, inputs], "b": [outputs], "v": [2, inputs]])
        expectGradient(of: p) { p in
            let y = linear(p["x"]!, [AffineMap(p["w"]!, bias: p["b"]!), AffineMap(p["v"]!)])
            return linear(y[0], Tensor((0..<2 * outputs).map { Float($0 % 5) - 2 }, shape: [2, outputs])) * y[1]
        }
    }

    @Test(arguments: [0, 1, 2]) func logLikelihoods(skipped: Int32) {
        let targets: [Int32] = (0..<4).map { $0 == skipped ? -1 : $0 * 2 }
        expectGradient(of: tensors(["logits": [4, 9]])) { crossEntropy($0["logits"]!, targets) }
    }

    /// Two sequences, grouped queries, windows and caps.
    @Test(arguments: [nil, 3] as [Int?], [(0, false), (2, false), (0, true)] as [(Float, Bool)])
    func attentions(window: Int?, scores: (softcap: Float, sinks: Bool)) {
        let shape = CacheShape(layers: 1, kvHeads: 2, headWidth: 16)
        let plan = AttentionPlan([
            .init(rows: 0..<5, start: 0, blocks: [0]), .init(rows: 5..<12, start: 0, blocks: [1]),
        ])
        expectGradient(
            of: tensors(["q": [12, 4, 16], "k": [12, 2, 16], "v": [12, 2, 16], "s": [4]]),
            step: 5e-2,
            absolute: 2e-2,
            relative: 5e-2
        ) { p in
            attention(
                p["q"]!,
                p["k"]!,
                p["v"]!,
                layer: 0,
                plan: plan,
                cache: KeyValueCache(shape, blocks: 2),
                scale: 0.4,
                window: window,
                softcap: scores.softcap,
                sinks: scores.sinks ? p["s"]! : nil
            )
        }
    }

    @Test func whatNobodyAsksForIsNotTracked() {
        let (value, gradient) = valueAndGradient(of: tensors(["a": [2, 2], "unused": [3]])) { p in
            crossEntropy(p["a"]!.detached + p["a"]! * 0, [0, 1])
        }
        #expect(value > 0 && gradient["unused"] == nil && gradient["a"]?.scalars == [0, 0, 0, 0])
    }
}
