import Checkpoints
import Models
import Tensors
import TestSupport
import Testing

/// One has the Hub's names, and is opened in HubFamilyTests.
let networks = Golden.networks().filter { $0 != "gpt-oss-mxfp4" }
/// Those whose gradients the reference library has worked out.
let learning = Golden.networks(with: .gradients)
/// Those whose heads turn whole and have a width that settings say.
let rotating = [
    "ernie45", "ernie45-moe", "gemma2", "gemma3", "hunyuan", "hunyuan-moe", "llama", "llama-untied", "llama3",
    "mistral", "mixtral", "pangu-pro-moe", "qwen2", "qwen3", "qwen3-moe",
]

@Suite struct LanguageModelTests {
    @Test(arguments: networks, ["a", "b"])
    func logitsAgreeWithTheReferenceLibrary(name: String, prompt: String) throws {
        let network = try Network(name), model = try network.model()
        let logits = model(Batch(tokens: network.tokens("\(prompt).tokens"), for: model.cacheShape))
        // Keys and values are kept as halves: 11 bits, where the reference has 24.
        expectClose(logits, network.outputs["\(prompt).logits"]!, absolute: 1.5e-2, relative: 1e-3)
    }

    @Test(arguments: networks)
    func greedyContinuationAgreesWithTheReferenceLibrary(name: String) throws {
        let network = try Network(name), model = try network.model()
        var tokens = network.tokens("greedy.prompt")
        let cache = KeyValueCache(model.cacheShape, blocks: 8), blocks = (0..<8).map { Int32($0) }
        var computed = 0
        for expected in network.tokens("greedy.tokens") {
            let new = Array(tokens[computed...])
            let sequence = Batch.Sequence(rows: 0..<new.count, start: computed, blocks: blocks)
            let batch = Batch(tokens: new, sequences: [sequence], outputs: [new.count - 1], cache: cache)
            computed = tokens.count
            tokens.append(Int32(model(batch).withFloats(argmax)!))
            #expect(tokens.last == expected)
        }
    }

    /// LongRoPE goes by the context that a model is opened with: the original, of 8 positions here, or a longer one.
    @Test func aContextNoLongerThanTheOriginalTurnsOtherwise() throws {
        let network = try Network("phi3-long"), tokens = network.tokens("a.tokens")
        func logits(_ context: Int?) throws -> [Float] {
            let model = try Models.model(network.settings.opened(for: context), Weights(network.weights))
            return model(Batch(tokens: tokens, for: model.cacheShape)).scalars
        }
        let own = try logits(nil), short = try logits(8), long = try logits(9)
        #expect(short != own)
        #expect(long == own)
        #expect(network.settings.turnsOtherwise(for: 8))
        #expect(!network.settings.turnsOtherwise(for: 9))
    }

    /// DESIGN D3: what a row computes never depends on its neighbours.
    @Test(arguments: networks, [(DType.float32, CacheType.f16), (.q8_0, .f16), (.float32, .q8_0), (.q8_0, .q8_0)])
    func aRowsResultIsTheSameBitsAloneAndInACrowd(name: String, kept: (weights: DType, cache: CacheType)) throws {
        let network = try Network(name)
        let model = try network.model(quantizing(to: kept.weights))
        let prompts = ["a", "b", "a"].map { network.tokens("\($0).tokens") }
        let shape = model.cacheShape.kept(as: kept.cache)
        let alone = prompts.map { model(Batch(tokens: $0, for: shape)).scalars }
        for chunk in [1, 3, 7, 64] {
            #expect(run(model, prompts, shape, chunk: chunk) == alone, "in chunks of \(chunk)")
        }
    }

    /// Blocks of bytes lose a little of every weight: what is left is the same network, though a mixture may choose other experts.
    @Test(arguments: networks)
    func quantizedLogitsAreNearTheReferenceLibrarys(name: String) throws {
        let network = try Network(name)
        let model = try network.model(quantizing(to: .q8_0))
        for prompt in ["a", "b"] {
            let logits = model(Batch(tokens: network.tokens("\(prompt).tokens"), for: model.cacheShape))
            let likeness = cosine(logits.scalars, network.outputs["\(prompt).logits"]!.scalars)
            #expect(likeness > 0.98, "\(prompt): \(likeness)")
        }
    }

    /// All prompts together, each advancing by its own share of `chunk` tokens a step, in scattered blocks.
    private func run(
        _ model: any LanguageModel,
        _ prompts: [[Int32]],
        _ shape: CacheShape,
        chunk: Int
    ) -> [[Float]] {
        let cache = KeyValueCache(shape, blocks: 12)
        let blocks = prompts.indices.map { prompt in (0..<4).map { Int32(11 - $0 * 3 - prompt) } }
        var computed = prompts.map { _ in 0 }, logits: [[Float]] = prompts.map { _ in [] }
        while zip(computed, prompts).contains(where: { $0 < $1.count }) {
            var tokens: [Int32] = [], sequences: [Batch.Sequence] = [], owners: [Int] = []
            for (index, prompt) in prompts.enumerated() where computed[index] < prompt.count {
                let new = prompt[computed[index]..<min(prompt.count, computed[index] + chunk + index)]
                let rows = tokens.count..<tokens.count + new.count
                sequences.append(.init(rows: rows, start: computed[index], blocks: blocks[index]))
                tokens += new
                owners += new.map { _ in index }
                computed[index] += new.count
            }
            let batch = Batch(tokens: tokens, sequences: sequences, outputs: Array(tokens.indices), cache: cache)
            let result = model(batch)
            for (row, owner) in owners.enumerated() { logits[owner] += result.rows(row..<row + 1).scalars }
        }
        return logits
    }
}

@Suite struct ImpossibleSettingsTests {
    /// What a checkpoint says of itself may be wrong; nothing is made before it is believed.
    @Test(
        arguments: rotating,
        [
            ("num_hidden_layers", Settings.Value.integer(Int(Int32.max))), ("num_hidden_layers", .integer(1)),
            ("rope_theta", .number(0)), ("rope_theta", .number(-1)), ("rms_norm_eps", .number(-1)),
            ("partial_rotary_factor", .number(0.5)), ("head_dim", .integer(24)), ("head_dim", .integer(528)),
        ]
    )
    func areNamed(name: String, change: (key: String, value: Settings.Value)) throws {
        let network = try Network(name)
        var settings = network.settings
        settings[change.key] = change.value
        let error = #expect(throws: CheckpointError.self) {
            try Models.model(settings, Weights(network.weights))
        }
        switch try #require(error) {
        case .setting(let key, _, _): #expect(key == change.key)
        case .missingTensor(let tensor): #expect(tensor.contains("layers.") && change.key == "num_hidden_layers")
        default: Issue.record("\(change.key): \(String(describing: error))")
        }
    }
    @Test(arguments: [
        ("n_layer", Settings.Value.integer(Int(Int32.max))), ("n_layer", .integer(1)), ("n_layer", .integer(0)),
        ("n_embd", .integer(0)), ("n_head", .integer(3)), ("n_head", .integer(64)), ("n_inner", .integer(-1)),
        ("n_positions", .integer(0)), ("layer_norm_epsilon", .number(-1)), ("activation_function", "relu"),
    ])
    func areNamedAsGPT2SpellsThem(change: (key: String, value: Settings.Value)) throws {
        let network = try Network("gpt2")
        var settings = network.settings
        settings[change.key] = change.value
        let error = #expect(throws: CheckpointError.self) {
            try Models.model(settings, Weights(network.weights))
        }
        switch try #require(error) {
        case .setting(let key, _, _): #expect(key == change.key)
        case .missingTensor(let tensor): #expect(tensor.contains("h.2.") && change.key == "n_layer")
        default: Issue.record("\(change.key): \(String(describing: error))")
        }
    }

    /// Of a head's width the cache is asked before a tensor is.
    @Test(arguments: ["llama", "qwen2", "gpt2"], [3, 8, 64])
    func headsThatNoCacheKeepsAreRefused(name: String, heads: Int) throws {
        let network = try Network(name)
        var settings = network.settings
        settings["num_attention_heads"] = .integer(heads)
        let error = #expect(throws: CheckpointError.self) {
            try Models.model(settings, Weights(network.weights))
        }
        let text = "\(try #require(error))"
        #expect(text.contains(name == "gpt2" ? "n_head is \(heads)" : "num_attention_heads is \(heads)"))
        #expect(text.contains("a multiple of 16, at most 512"), "\(text)")
    }

    @Test func aPositionTableThatTheSettingsDoNotCallForIsRefused() throws {
        let network = try Network("gpt2")
        var settings = network.settings
        settings["max_position_embeddings"] = 65
        #expect(throws: CheckpointError.shape("transformer.wpe.weight", expected: [65, 64], found: [64, 64])) {
            try Models.model(settings, Weights(network.weights))
        }
    }

    @Test func crossAttentionIsRefused() throws {
        let network = try Network("gpt2")
        var settings = network.settings
        settings["add_cross_attention"] = true
        #expect(throws: ModelError.self) { try Models.model(settings, Weights(network.weights)) }
    }
}
