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
            let text = Data(metadata["cases", default: ""].utf8)
            let cases = try JSONDecoder().decode([String: Settings].self, from: text)
            (self.tensors, self.cases) = (tensors, cases)
        } catch {
            // A case that has nothing fails; no case at all would not.
            (self.tensors, self.cases) = ([:], ["no golden data for \(name): \(error)": Settings()])
        }
    }

    func callAsFunction(_ test: String, _ name: String) throws -> Tensor {
        try #require(tensors["\(test).\(name)"], "\(test).\(name)")
    }

    subscript(_ test: String) -> Settings {
        get throws { try #require(cases[test], "\(test)") }
    }

    static let rmsNorm = GoldenOp("rms_norm"), gated = GoldenOp("gated"), rotary = GoldenOp("rotary")
    static let attention = GoldenOp("attention"), layerNorm = GoldenOp("layer_norm"), gelu = GoldenOp("gelu")

    /// The gradients of a case's `y`, from its `dy`, with respect to some inputs.
    func gradients(_ test: String, of inputs: [String], _ op: ([String: Tensor]) -> Tensor) throws -> [String: Tensor] {
        let p = Dictionary(uniqueKeysWithValues: try inputs.map { ($0, try self(test, $0)) }), dy = try self(test, "dy")
        return valueAndGradient(of: p) { p in
            linear(op(p).reshaped(1, -1), dy.reshaped(1, -1)).reshaped(1)
        }.gradient
    }
}

@Suite struct GoldenOpTests {
    @Test(arguments: GoldenOp.rmsNorm.cases.keys.sorted())
    func rmsNormAgrees(name: String) throws {
        let golden = GoldenOp.rmsNorm, c = try golden[name], epsilon = try #require(c.epsilon)
        let plain = try golden(name, "weight")
        let weight = Tensor(plain.scalars.map { $0 + (c.offset ?? 0) }, shape: plain.shape)
        try expectClose(rmsNorm(golden(name, "x"), weight, epsilon: epsilon), golden(name, "y"), absolute: 1e-6)
    }

    @Test(arguments: GoldenOp.layerNorm.cases.keys.sorted())
    func layerNormAgrees(name: String) throws {
        let golden = GoldenOp.layerNorm, c = try golden[name], epsilon = try #require(c.epsilon)
        let y = try layerNorm(golden(name, "x"), golden(name, "weight"), golden(name, "bias"), epsilon: epsilon)
        // Values far from zero have fewer bits left for their differences.
        let absolute: Float = name == "far-from-zero" ? 3e-5 : 2e-6
        try expectClose(y, golden(name, "y"), absolute: absolute)
        let gradients = try golden.gradients(name, of: ["x", "weight", "bias"]) {
            layerNorm($0["x"]!, $0["weight"]!, $0["bias"]!, epsilon: epsilon)
        }
        for (input, gradient) in gradients {
            try expectClose(gradient, golden(name, "d\(input)"), absolute: 2 * absolute, relative: 1e-4, input)
        }
    }

    @Test(arguments: GoldenOp.gelu.cases.keys.sorted())
    func gelusAgree(name: String) throws {
        let golden = GoldenOp.gelu, op = try golden[name].activation == "gelu" ? gelu : tanhGELU
        try expectClose(op(golden(name, "x")), golden(name, "y"), absolute: 1e-6, relative: 1e-6)
        let gradients = try golden.gradients(name, of: ["x"]) { op($0["x"]!) }
        try expectClose(#require(gradients["x"]), golden(name, "dx"), absolute: 1e-5, relative: 1e-5)
    }

    @Test(arguments: GoldenOp.gated.cases.keys.sorted())
    func gatedActivationsAgree(name: String) throws {
        let golden = GoldenOp.gated, gate = try golden(name, "gate"), up = try golden(name, "up")
        let y = try golden[name].activation == "silu" ? swiGLU(gate, up) : geGLU(gate, up)
        try expectClose(y, golden(name, "y"), absolute: 1e-5, relative: 1e-5)
    }

    @Test(arguments: GoldenOp.rotary.cases.keys.sorted())
    func rotaryAgrees(name: String) throws {
        let golden = GoldenOp.rotary, frequencies = try golden(name, "frequencies").scalars.map { Double($0) }
        let positions = try golden(name, "positions").integers
        let angles = RotaryAngles(positions: positions, frequencies: frequencies)
        // The golden frequencies are rounded to 24 bits, so a late position may be off by its product with that.
        try expectClose(rotary(golden(name, "x"), angles), golden(name, "y"), absolute: 6e-3)
    }

    @Test(arguments: [(64, 10_000.0), (64, 100_000.0), (128, 1_000_000.0)])
    func rotaryFrequenciesAreThePapers(width: Int, base: Double) {
        for (i, frequency) in rotaryFrequencies(width: width, base: base).enumerated() {
            #expect(abs(frequency - exp(-2 * Double(i) / Double(width) * log(base))) < 1e-12)
        }
    }

    /// Where a large scale makes everything of the best score, bytes may choose another.
    static let attentions = GoldenOp.attention.cases.sorted { $0.key < $1.key }.flatMap { name, c in
        CacheType.allCases.filter { $0 == .f16 || c.scale ?? 1 <= 1 }.map { (name, $0) }
    }

    @Test(arguments: attentions)
    func attentionAgrees(name: String, type: CacheType) throws {
        let golden = GoldenOp.attention, c = try golden[name]
        let start = try #require(c.start), scale = try #require(c.scale)
        let (q, k, v) = try (golden(name, "q"), golden(name, "k"), golden(name, "v"))
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
            scale: scale,
            window: c.window,
            softcap: c.softcap ?? 0
        )
        // Keys and values are kept as halves, which a large scale magnifies, or as bytes.
        let tolerance: Float = type == .q8_0 ? 5e-2 : scale > 1 ? 3e-2 : 2e-3
        try expectClose(y, golden(name, "y"), absolute: tolerance)
    }
}
