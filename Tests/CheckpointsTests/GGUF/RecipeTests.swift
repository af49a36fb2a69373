import Checkpoints
import Tensors
import Testing

/// A network's tensors by name and shape, with nothing in them.
private struct Shapes: NamedWeights {
    var entries: [WeightEntry]

    func tensor(_ name: String, _ fresh: Initializer?) -> Tensor? { nil }

    /// The tensors of a Qwen 2 of that size.
    static func qwen2(_ settings: Settings, _ dtype: DType = .bfloat16) throws -> Shapes {
        let width: Int = try settings("hidden_size"), mlp: Int = try settings("intermediate_size")
        let shapes: [(String, [Int])] = [
            ("input_layernorm.weight", [width]), ("post_attention_layernorm.weight", [width]),
            ("self_attn.q_proj.weight", [width, width]), ("self_attn.q_proj.bias", [width]),
            ("self_attn.k_proj.weight", [128, width]), ("self_attn.k_proj.bias", [128]),
            ("self_attn.v_proj.weight", [128, width]), ("self_attn.v_proj.bias", [128]),
            ("self_attn.o_proj.weight", [width, width]), ("mlp.gate_proj.weight", [mlp, width]),
            ("mlp.up_proj.weight", [mlp, width]), ("mlp.down_proj.weight", [width, mlp]),
        ]
        let layers: Int = try settings("num_hidden_layers")
        var entries = (0..<layers).flatMap { layer in
            shapes.map { WeightEntry("model.layers.\(layer).\($0.0)", dtype, $0.1) }
        }
        entries += [
            WeightEntry("model.embed_tokens.weight", dtype, [1000, width]),
            WeightEntry("model.norm.weight", dtype, [width]),
        ]
        return Shapes(entries: entries)
    }
}

private func qwen2(layers: Int, width: Int, mlp: Int, tied: Bool = true) -> Settings {
    [
        "model_type": "qwen2", "vocab_size": 1000, "hidden_size": .integer(width),
        "num_hidden_layers": .integer(layers),
        "num_attention_heads": .integer(width / 64), "num_key_value_heads": 2, "intermediate_size": .integer(mlp),
        "rms_norm_eps": 1e-6, "rope_theta": 1_000_000, "tie_word_embeddings": .bool(tied), "hidden_act": "silu",
        "max_position_embeddings": 32_768,
    ]
}

@Suite struct RecipeTests {
    private static func plan(_ settings: Settings, _ recipe: String) throws -> [PlannedTensor] {
        try GGUFWriter(settings: settings, weights: Shapes.qwen2(settings), recipe: Recipe.named(recipe)).plan
    }

    private static func counts(_ plan: [PlannedTensor]) -> [DType: Int] {
        Dictionary(grouping: plan, by: \.stored).mapValues(\.count)
    }

    /// Rows of 896 do not fill blocks of 256. qwen2.5-coder-0.5b-instruct-q4_k_m.gguf has these types, and the embedding again as q5_0.
    @Test func theMixIsThatOfTheOfficialFile() throws {
        let plan = try Self.plan(qwen2(layers: 24, width: 896, mlp: 4864), "q4_k_m")
        #expect(Self.counts(plan) == [.q5_0: 132, .q8_0: 13, .q6_K: 12, .q4_K: 12, .float32: 121])
        #expect(plan.filter(\.isFallback).count == 132 + 13)
        #expect(plan.first { $0.name == "token_embd.weight" }?.stored == .q8_0)
    }

    /// qwen2.5-coder-1.5b-instruct-q4_k_m.gguf has these types, and the embedding again as q4_K.
    @Test func rowsThatFillTheirBlocksFollowTheRecipe() throws {
        let plan = try Self.plan(qwen2(layers: 28, width: 1536, mlp: 8960), "q4_k_m")
        #expect(Self.counts(plan) == [.q4_K: 168, .q6_K: 29, .float32: 141])
        #expect(plan.filter(\.isFallback).isEmpty)
        let better = plan.filter { $0.stored == .q6_K && $0.name.hasSuffix("attn_v.weight") }.map(\.name)
        #expect(Array(better.prefix(5)) == [0, 1, 2, 5, 8].map { "blk.\($0).attn_v.weight" })
        #expect(better.last == "blk.27.attn_v.weight")
    }

    @Test(arguments: Recipe.all)
    func everyRecipeKeepsVectorsAndGivesTheHeadItsDue(recipe: Recipe) throws {
        let plan = try Self.plan(qwen2(layers: 4, width: 256, mlp: 512), recipe.name)
        #expect(plan.allSatisfy { ($0.shape.count == 1) == ($0.name.contains("norm") || $0.name.hasSuffix("bias")) })
        #expect(plan.allSatisfy { $0.shape.count > 1 || $0.stored == .float32 })
        let head = try #require(plan.first { $0.name == "token_embd.weight" })
        #expect(plan.allSatisfy { $0.stored.bytes(for: 256) <= max(head.stored.bytes(for: 256), 256 * 4) })
        #expect(Recipe.named(recipe.name.uppercased()) == recipe)
    }

    @Test(arguments: [(DType.q4_K, 896, DType.q5_0), (.q5_K, 32, .q5_1), (.q6_K, 64, .q8_0), (.q3_K, 128, .q4_0)])
    func rowsTooNarrowTakeTheNextTypeWithMoreBits(wanted: DType, width: Int, stored: DType) {
        #expect(wanted.filling(width) == stored && wanted.filling(512) == wanted && wanted.filling(40) == .float16)
        #expect(stored.bytes(for: 256) >= wanted.bytes(for: 256))
    }

    @Test(arguments: [(DType.q4_1, true), (.q8_0, false), (.bfloat16, false), (.q4_K, false), (.q6_K, true)])
    func whatWasRoundedCoarselyIsSeen(source: DType, isRounded: Bool) throws {
        let settings = qwen2(layers: 1, width: 256, mlp: 512), recipe = Recipe(uniform: .q4_K)
        let plan = try GGUFWriter(settings: settings, weights: Shapes.qwen2(settings, source), recipe: recipe).plan
        #expect(plan.filter(\.isRoundedAgain).isEmpty != isRounded)
    }
}
