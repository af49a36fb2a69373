import Checkpoints
import Models
import Tensors
import TestSupport
import Testing
import Training

@Suite struct AdapterTests {
    static func adapter(_ kind: String) throws -> Adapter {
        switch kind {
        case "dora": try Adapter(.dora, rank: 4, alpha: 6)
        case "rslora":
            try Adapter(rank: 4, alpha: 6, scaling: .rankStabilized, targets: .named(["q_proj", "mlp.down_proj"]))
        default: try Adapter(rank: 4, alpha: 6)
        }
    }

    /// The reference library's logits and gradients, from its parameters over the same network.
    @Test(arguments: ["lora", "dora", "rslora"])
    func logitsAndGradientsAgreeWithTheReferenceLibrary(kind: String) throws {
        let golden = try Golden.safetensors("Training/adapter-\(kind)").tensors
        let adapter = try Self.adapter(kind), parameters = golden.under("parameter")
        let objective = Objective(
            TinyLlama.settings,
            precision: .float32,
            base: try TinyLlama().weights,
            adapter: adapter
        )
        #expect(try objective.fresh(seed: 0).mapValues(\.shape) == parameters.mapValues(\.shape))
        let tokens = golden["tokens"]!.integers, network = try objective.network(parameters)
        let logits = network(Batch(tokens: tokens, for: network.cacheShape))
        // Keys and values are kept as halves: 11 bits, where the reference has 53.
        expectClose(logits, golden["logits"]!, absolute: 1.5e-2, relative: 1e-3)
        let batch = TrainingBatch(tokens: tokens, targets: tokens.dropFirst() + [-1], documents: [0..<tokens.count])
        let (loss, gradient) = try valueAndGradient(of: parameters) { try objective($0, batch).loss }
        #expect(abs(loss - golden["loss"]!.scalars[0]) < 2e-3)
        let expected = golden.under("gradient")
        try #require(gradient.keys.sorted() == expected.keys.sorted())
        for (name, gradient) in gradient {
            let size = expected[name]!.scalars.map(abs).max()!
            expectClose(gradient, expected[name]!, absolute: 0.015 * size, relative: 0.01, name)
        }
    }

    /// An adapter that has learnt nothing changes nothing, over floats and over quantised weights.
    @Test(arguments: ["lora", "dora"], [false, true]) func aFreshOneChangesNothing(kind: String, isQuantized: Bool)
        throws
    {
        let llama = try TinyLlama(), base = isQuantized ? llama.quantized : llama.weights
        let objective = Objective(
            TinyLlama.settings,
            precision: .float32,
            base: base,
            adapter: try Self.adapter(kind)
        )
        let network = try objective.network(objective.fresh(seed: 7)),
            plain = try model(TinyLlama.settings, Weights(base))
        let logits = { (model: any LanguageModel) in model(Batch(tokens: [3, 14, 15, 92, 65], for: model.cacheShape)) }
        expectClose(logits(network), logits(plain), absolute: 2e-3)
    }

    /// QLoRA: over weights of eight bits, the gradient is nearly that over the floats they were made from.
    @Test(arguments: ["lora", "dora"]) func itLearnsOverQuantisedWeights(kind: String) throws {
        let golden = try Golden.safetensors("Training/adapter-\(kind)").tensors, llama = try TinyLlama()
        let tokens = golden["tokens"]!.integers, adapter = try Self.adapter(kind)
        let batch = TrainingBatch(tokens: tokens, targets: tokens.dropFirst() + [-1], documents: [0..<tokens.count])
        let gradients = try [llama.weights, llama.quantized].map { base in
            let objective = Objective(TinyLlama.settings, precision: .float32, base: base, adapter: adapter)
            return try valueAndGradient(of: golden.under("parameter")) { try objective($0, batch).loss }.gradient
        }
        try #require(gradients[1].keys.sorted() == gradients[0].keys.sorted())
        let error = gradients[0].map { name, exact in (name, exact + gradients[1][name]! * -1) }
        let share = norm(Dictionary(uniqueKeysWithValues: error)) / norm(gradients[0])
        #expect(share > 0 && share < 0.15, "\(share)")
    }

    @Test func parametersDependOnSeedAndNameAlone() throws {
        let base = try TinyLlama().weights
        let all = try Self.adapter("lora").fresh(TinyLlama.settings, over: base, seed: 3)
        let some = try Self.adapter("rslora").fresh(TinyLlama.settings, over: base, seed: 3)
        let other = try Self.adapter("rslora").fresh(TinyLlama.settings, over: base, seed: 4)
        let name = "model.layers.1.self_attn.q_proj.lora_A.weight"
        let first = try #require(some[name]).scalars
        #expect(some.count == 8 && first == all[name]?.scalars)
        #expect(first != other[name]?.scalars)
        #expect(first.allSatisfy { abs($0) <= 0.125 })
        let second = try #require(some["model.layers.1.self_attn.q_proj.lora_B.weight"])
        #expect(second.scalars.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [
        (["q_proj", "qproj"], "the network has no linear map qproj; it has down_proj, gate_proj"),
        (["roj"], "no linear map roj"), ([], "no linear map is named"),
    ])
    func aTargetThatIsNotThereIsNamed(names: [String], message: String) throws {
        let adapter = try Adapter(targets: .named(names)), base = try TinyLlama().weights
        let error = #expect(throws: TrainingError.self) {
            try adapter.fresh(TinyLlama.settings, over: base, seed: 1)
        }
        #expect("\(try #require(error))".contains(message), "\(error!)")
    }

    @Test func impossibleNumbersAreRefused() {
        #expect(throws: TrainingError.self) { try Adapter(rank: 0) }
        #expect(throws: TrainingError.self) { try Adapter(alpha: -.infinity) }
        #expect(throws: TrainingError.self) { try Adapter(dropout: 1) }
    }
}
