import Foundation
import Tensors
import TestSupport
import Testing

/// The cases of one golden file: inputs, parameters and what the reference computed.
struct GoldenOp: Sendable {
    let tensors: [String: Tensor], cases: [String: Settings]

    struct Settings: Decodable, Sendable {
        var epsilon, scale: Float?, offset: Float?, start, window: Int?, softcap: Float?, activation: String?
    }

    init(_ name: String) {
        do {
            let (tensors, metadata) = try Golden.safetensors("Tensors/\(name)")
            self.tensors = tensors
            cases = try JSONDecoder().decode([String: Settings].self, from: Data(metadata["cases", default: ""].utf8))
        } catch {
            preconditionFailure("no golden data for \(name): \(error)")
        }
    }

    func callAsFunction(_ test: String, _ name: String) -> Tensor { tensors["\(test).\(name)"]! }

    static let rmsNorm = GoldenOp("rms_norm"), gated = GoldenOp("gated"), rotary = GoldenOp("rotary")
    static let attention = GoldenOp("attention"), layerNorm = GoldenOp("layer_norm"), gelu = GoldenOp("gelu")

    /// The gradients of a case's `y`, from its `dy`, with respect to some inputs.
    func gradients(_ test: String, of inputs: [String], _ op: ([String: Tensor]) -> Tensor) -> [String: Tensor] {
        let p = Dictionary(uniqueKeysWithValues: inputs.map { ($0, self(test, $0)) })
        return valueAndGradient(of: p) { p in
            linear(op(p).reshaped(1, -1), self(test, "dy").reshaped(1, -1)).reshaped(1)
        }.gradient
    }
}

@Suite struct GoldenOpTests {
    @Test(arguments: GoldenOp.rmsNorm.cases.keys.sorted())
    func rmsNormAgrees(name: String) {
        let golden = GoldenOp.rmsNorm, c = golden.cases[name]!
        let plain = golden(name, "weight")
        let weight = Tensor(plain.scalars.map { $0 + (c.offset ?? 0) }, shape: plain.shape)
        expectClose(rmsNorm(golden(name, "x"), weight, epsilon: c.epsilon!), golden(name, "y"), absolute: 1e-6)
    }

    @Test(arguments: GoldenOp.layerNorm.cases.keys.sorted())
    func layerNormAgrees(name: String) {
        let golden = GoldenOp.layerNorm, epsilon = golden.cases[name]!.epsilon!
        let y = layerNorm(golden(name, "x"), golden(name, "weight"), golden(name, "bias"), epsilon: epsilon)
        // Values far from zero have fewer bits left for their differences.
        let absolute: Float = name == "far-from-zero" ? 3e-5 : 2e-6
        expectClose(y, golden(name, "y"), absolute: absolute)
        let gradients = golden.gradients(name, of: ["x", "weight", "bias"]) {
            layerNorm($0["x"]!, $0["weight"]!, $0["bias"]!, epsilon: epsilon)
        }
        for (input, gradient) in gradients {
            expectClose(gradient, golden(name, "d\(input)"), absolute: 2 * absolute, relative: 1e-4, input)
        }
    }

    @Test(arguments: GoldenOp.gelu.cases.keys.sorted())
    func gelusAgree(name: String) {
        let golden = GoldenOp.gelu, op = golden.cases[name]!.activation == "gelu" ? gelu : tanhGELU
        expectClose(op(golden(name, "x")), golden(name, "y"), absolute: 1e-6, relative: 1e-6)
        let gradient = golden.gradients(name, of: ["x"]) { op($0["x"]!) }["x"]!
        expectClose(gradient, golden(name, "dx"), absolute: 1e-5, relative: 1e-5)
    }

    @Test(arguments: GoldenOp.gated.cases.keys.sorted())
    func gatedActivationsAgree(name: String) {
        let golden = GoldenOp.gated, gate = golden(name, "gate"), up = golden(name, "up")
        let y = golden.cases[name]!.activation == "silu" ? swiGLU(gate, up) : geGLU(gate, up)
        expectClose(y, golden(name, "y"), absolute: 1e-5, relative: 1e-5)
    }

    @Test(arguments: GoldenOp.rotary.cases.keys.sorted())
    func rotaryAgrees(name: String) {
        let golden = GoldenOp.rotary, frequencies = golden(name, "frequencies").scalars.map { Double($0) }
        let positions = golden(name, "positions").integers
        let angles = RotaryAngles(positions: positions, frequencies: frequencies)
        // The golden frequencies are rounded to 24 bits, so a late position may be off by its product with that.
        expectClose(rotary(golden(name, "x"), angles), golden(name, "y"), absolute: 6e-3)
    }

    @Test(arguments: [(64, 10_000.0), (64, 100_000.0), (128, 1_000_000.0)])
    func rotaryFrequenciesAreThePapers(width: Int, base: Double) {
        for (i, frequency) in rotaryFrequencies(width: width, base: base).enumerated() {
            #expect(abs(frequency - exp(-2 * Double(i) / Double(width) * log(base))) < 1e-12)
        }
    }

    /// Where a large scale makes everything of the best score, bytes may choose another.
    static let attentions = GoldenOp.attention.cases.sorted { $0.key < $1.key }.flatMap { name, c in
        CacheType.allCases.filter { $0 == .f16 || c.scale! <= 1 }.map { (name, $0) }
    }

    @Test(arguments: attentions)
    func attentionAgrees(name: String, type: CacheType) {
        let golden = GoldenOp.attention, c = golden.cases[name]!
        let (q, k, v) = (golden(name, "q"), golden(name, "k"), golden(name, "v")), start = c.start!
        let shape = CacheShape(layers: 2, kvHeads: k.shape[1], headWidth: k.shape[2], type: type)
        let cache = KeyValueCache(shape, blocks: 8), blocks = (0..<8).map { Int32(7 - $0) }
        if start > 0 {  // the past, written by queries whose answers nobody reads
            let past = AttentionPlan([CachedSequence(rows: 0..<start, start: 0, blocks: blocks)])
            let queries = Tensor(
                [Float](repeating: 0, count: start * q.shape[1] * q.shape[2]),
                shape: [start, q.shape[1], q.shape[2]]
            )
            _ = attention(queries, k.rows(0..<start), v.rows(0..<start), layer: 1, plan: past, cache: cache, scale: 1)
        }
        let end = k.shape[0],
            plan = AttentionPlan([CachedSequence(rows: 0..<end - start, start: start, blocks: blocks)])
        let y = attention(
            q,
            k.rows(start..<end),
            v.rows(start..<end),
            layer: 1,
            plan: plan,
            cache: cache,
            scale: c.scale!,
            window: c.window,
            softcap: c.softcap ?? 0
        )
        // Keys and values are kept as halves, which a large scale magnifies, or as bytes.
        let tolerance: Float = type == .q8_0 ? 5e-2 : c.scale! > 1 ? 3e-2 : 2e-3
        expectClose(y, golden(name, "y"), absolute: tolerance)
    }
}
