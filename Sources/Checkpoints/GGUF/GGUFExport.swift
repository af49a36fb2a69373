import Foundation
import Tensors

/// How models of one architecture are written as GGUF files: what the table that reads them does not say.
struct GGUFExport: Sendable {
    /// What the file calls the architecture.
    let name: String
    let architecture: GGUFArchitecture
    /// The settings as files have them.
    var settings: @Sendable (Settings) throws -> Settings = { $0 }
    /// What files say besides, by what stands after the architecture's name in the key.
    var keys: @Sendable (Settings) throws -> [String: GGUFValue] = { _ in [:] }
    /// The tensors as files have them, under names of the table.
    var weights: @Sendable (any NamedWeights, Settings) throws -> any NamedWeights = { weights, _ in weights }
    /// The shape that files have, of a tensor by its name and the shape that models want.
    var shape: @Sendable (_ name: String, _ shape: [Int], Settings) throws -> [Int] = { _, shape, _ in shape }
    /// Whether files say how many positions a row sees.
    var saysWindow = false
    /// Whether programs look for LongRoPE's divisors in files of this architecture.
    var takesLongDivisors = false
    /// Settings of this architecture that must come back as they were.
    var checked: [String] = []

    /// How a model of these settings is written.
    ///
    /// Mistral and Skywork are Llama's network, and GGUF has no other name for them.
    static func of(_ settings: Settings) throws -> GGUFExport {
        let type: String = try settings("model_type")
        guard let found = all[type] else {
            let known = all.keys.sorted().joined(separator: ", ")
            throw CheckpointError.setting(key: "model_type", value: "“\(type)”", expected: "one of \(known)")
        }
        return found
    }

    private static let llama = GGUFExport(name: "llama", architecture: .llama, takesLongDivisors: true)

    private static let all: [String: GGUFExport] = [
        "llama": llama, "mistral": llama, "skywork": llama,
        "qwen2": GGUFExport(name: "qwen2", architecture: .qwen2),
        "qwen3": GGUFExport(name: "qwen3", architecture: .qwen3),
        "gemma3_text": GGUFExport(name: "gemma3", architecture: .gemma3, saysWindow: true),
        "gpt2": GGUFExport(name: "gpt2", architecture: .gpt2),
    ].merging(decoders) { $1 }.merging(mixtures) { $1 }.merging(encoders) { $1 }
}

extension GGUFExport {
    private static func known(_ name: String) -> GGUFArchitecture { .named(name) }

    private static let decoders: [String: GGUFExport] = [
        "gemma2": GGUFExport(
            name: "gemma2",
            architecture: known("gemma2"),
            settings: { try withoutAlternation(bounded($0)) },
            saysWindow: true,
            checked: ["attn_logit_softcapping", "final_logit_softcapping", "query_pre_attn_scalar"]
        ),
        "phi3": phi3,
        "glm": GGUFExport(name: "chatglm", architecture: known("chatglm"), checked: ["partial_rotary_factor"]),
        "glm4": GGUFExport(name: "glm4", architecture: known("glm4"), checked: ["partial_rotary_factor"]),
        "ernie4_5": GGUFExport(name: "ernie4_5", architecture: known("ernie4_5")),
        "hunyuan_v1_dense": GGUFExport(
            name: "hunyuan-dense",
            architecture: known("hunyuan-dense"),
            settings: withStretchedBase
        ),
        "minicpm": GGUFExport(
            name: "minicpm",
            architecture: known("minicpm"),
            keys: { settings in
                let layers = try settings.positive("num_hidden_layers"), width = try settings.positive("hidden_size")
                let depth: Double = try settings("scale_depth", default: 1)
                let base = try settings.positive("dim_model_base", default: width)
                return [
                    "embedding_scale": .float32(try settings("scale_emb", default: 1)),
                    "residual_scale": .float32(Float(depth / Double(layers).squareRoot())),
                    "logit_scale": .float32(Float(width) / Float(base)),
                ]
            },
            takesLongDivisors: true,
            checked: ["dim_model_base"]
        ),
        "PanguEmbedded": GGUFExport(name: "pangu-embedded", architecture: known("pangu-embedded")),
        "internlm2": GGUFExport(
            name: "internlm2",
            architecture: known("internlm2"),
            weights: { weights, settings in
                let renamed = Respelt(weights, InternLM2Names.names)
                return Parted(renamed, whole: "wqkv", rows: try .grouped(settings))
            }
        ),
        "baichuan": GGUFExport(
            name: "baichuan",
            architecture: known("baichuan"),
            weights: { weights, settings in Parted(weights, whole: "W_pack", rows: try .inTurn(settings)) },
            checked: ["position_embedding_type"]
        ),
        "mamba2": mamba2,
        "smollm3": GGUFExport(
            name: "smollm3",
            architecture: known("smollm3"),
            settings: withoutStillLayers,
            checked: ["no_rope_layer_interval"]
        ),
    ]

    private static let phi3 = GGUFExport(
        name: "phi3",
        architecture: known("phi3"),
        saysWindow: true,
        takesLongDivisors: true,
        checked: ["partial_rotary_factor"]
    )

    private static let mamba2 = GGUFExport(
        name: "mamba2",
        architecture: known("mamba2"),
        keys: { settings in
            let inner = try settings.positive("num_heads") * settings.positive("head_dim")
            return [
                "ssm.inner_size": .uint32(UInt32(clamping: inner)), "feed_forward_length": .uint32(0),
                "attention.head_count": .uint32(0),
            ]
        },
        weights: { weights, _ in LoggedRates(source: weights, isWritten: true) },
        shape: { name, shape, settings in
            if name.hasSuffix(".conv1d.weight"), shape.count == 3 { return [shape[0], shape[2]] }
            if name.hasSuffix(".mixer.norm.weight"), shape.count == 1 {
                let groups = try settings.positive("n_groups", default: 1)
                return shape[0] % groups == 0 ? [groups, shape[0] / groups] : shape
            }
            return [".A_log", ".D"].contains(where: name.hasSuffix) ? shape + [1] : shape
        },
        checked: ["num_heads", "head_dim", "n_groups", "state_size", "conv_kernel", "time_step_limit"]
    )

    /// Programs bound scores by Gemma 2's own bounds where a file says none.
    private static func bounded(_ settings: Settings) throws -> Settings {
        for key in ["attn_logit_softcapping", "final_logit_softcapping"] where settings[key] == .null {
            let expected = "a number above 0, as a GGUF file of this architecture cannot say none"
            throw CheckpointError.setting(key: key, value: "null", expected: expected)
        }
        return settings
    }

    /// Files say that every other layer sees a window, the first of them, by the architecture's name.
    @Sendable private static func withoutAlternation(_ settings: Settings) throws -> Settings {
        guard let types: [String] = try settings.optional("layer_types") else { return settings }
        guard types.indices.allSatisfy({ ($0 % 2 == 0) == (types[$0] == "sliding_attention") }) else {
            let expected = "a window in every other layer, the first of them, which is all that a GGUF file can say"
            throw CheckpointError.setting(key: "layer_types", value: "\(types)", expected: expected)
        }
        var settings = settings
        settings["layer_types"] = nil
        return settings
    }

    /// Files say that nothing turns in every fourth layer, by the architecture's name. No published model has windows.
    @Sendable private static func withoutStillLayers(_ settings: Settings) throws -> Settings {
        var settings = settings
        settings["sliding_window"] = nil
        guard let listed: [Int] = try settings.optional("no_rope_layers") else { return settings }
        guard listed.indices.allSatisfy({ (($0 + 1) % 4 != 0) == (listed[$0] != 0) }) else {
            let expected = "0 for every fourth layer and 1 for the others, which is all that a GGUF file can say"
            throw CheckpointError.setting(key: "no_rope_layers", value: "\(listed)", expected: expected)
        }
        (settings["no_rope_layers"], settings["no_rope_layer_interval"]) = (nil, nil)
        return settings
    }

    /// Files have the base already stretched.
    @Sendable private static func withStretchedBase(_ settings: Settings) throws -> Settings {
        guard let scaling: Settings = try settings.optional("rope_scaling"),
            let alpha: Double = try scaling.optional("alpha")
        else { return settings }
        var settings = settings
        let width = Double(try settings.positive("head_dim", default: GGUFSettings.meanWidth(settings)))
        let base: Double = try settings("rope_theta", default: 10_000)
        settings["rope_theta"] = .number(base * pow(alpha, width / (width - 2)))
        settings["rope_scaling"] = nil
        return settings
    }
}

extension GGUFExport {
    private static let mixtures: [String: GGUFExport] = [
        "mixtral": GGUFExport(
            name: "llama",
            architecture: .mixtral,
            checked: ["num_local_experts", "num_experts_per_tok"]
        ),
        "qwen3_moe": GGUFExport(
            name: "qwen3moe",
            architecture: known("qwen3moe"),
            checked: ["num_experts", "num_experts_per_tok", "moe_intermediate_size", "norm_topk_prob"]
        ),
        "ernie4_5_moe": GGUFExport(
            name: "ernie4_5-moe",
            architecture: known("ernie4_5-moe"),
            keys: { settings in
                let width = try settings.positive("moe_intermediate_size")
                let shared: Int = try settings("moe_num_shared_experts", default: 0)
                return ["expert_shared_feed_forward_length": .uint32(UInt32(clamping: shared * width))]
            },
            shape: { name, shape, _ in
                name.hasSuffix(".moe_statics.e_score_correction_bias") ? Array(shape.suffix(1)) : shape
            },
            checked: [
                "moe_num_experts", "moe_k", "moe_layer_start_index", "moe_layer_interval", "moe_num_shared_experts",
            ]
        ),
        "hunyuan_v1_moe": GGUFExport(
            name: "hunyuan-moe",
            architecture: known("hunyuan-moe"),
            settings: { settings in
                var settings = try withStretchedBase(settings)
                settings["moe_intermediate_size"] = settings["moe_intermediate_size"] ?? settings["intermediate_size"]
                return settings
            },
            keys: { settings in
                let shared = try settings.positive("num_shared_expert", default: 1)
                let width = try settings.positive("intermediate_size")
                return ["expert_shared_feed_forward_length": .uint32(UInt32(clamping: shared * width))]
            },
            checked: ["num_experts", "moe_topk", "num_shared_expert", "moe_intermediate_size"]
        ),
        "gpt_oss": GGUFExport(
            name: "gpt-oss",
            architecture: known("gpt-oss"),
            settings: withoutAlternation,
            keys: { ["expert_feed_forward_length": .uint32(UInt32(clamping: try $0.positive("intermediate_size")))] },
            saysWindow: true,
            checked: ["num_local_experts", "num_experts_per_tok", "swiglu_limit"]
        ),
        "deepseek_v2": deepSeek, "deepseek_v3": deepSeek,
    ]

    /// The map out of the latent is written whole, as the files of before June 2025 have it.
    private static let deepSeek = GGUFExport(
        name: "deepseek2",
        architecture: .deepSeek,
        settings: { settings in
            var settings = settings
            (settings["head_dim"], settings["num_key_value_heads"]) = (nil, settings["num_attention_heads"])
            for (key, value) in ["n_shared_experts": 0, "n_group": 1, "topk_group": 1] as [String: Settings.Value]
            where settings[key] == nil || settings[key] == .null { settings[key] = value }
            if settings["topk_method"] == "greedy" { (settings["n_group"], settings["topk_group"]) = (1, 1) }
            return settings
        },
        keys: { settings in
            func size(_ key: String) throws -> Int { try settings.positive(key) }
            let turning = try size("qk_rope_head_dim"), isSigmoid = settings["model_type"] == "deepseek_v3"
            var keys: [String: GGUFValue] = [
                "attention.key_length": .uint32(UInt32(clamping: try size("qk_nope_head_dim") + turning)),
                "attention.value_length": .uint32(UInt32(clamping: try size("v_head_dim"))),
                "rope.dimension_count": .uint32(UInt32(clamping: turning)),
                "expert_gating_func": .uint32(isSigmoid ? 2 : 1),
            ]
            if let scaling: Settings = try settings.optional("rope_scaling"),
                let share: Double = try scaling.optional("mscale_all_dim")
            {
                guard try scaling("mscale", default: 1.0) == share else {
                    let (found, expected) = ("\(scaling["mscale"] ?? 1)", "that of mscale_all_dim, \(share)")
                    throw CheckpointError.setting(key: "rope_scaling.mscale", value: found, expected: expected)
                }
                keys["rope.scaling.yarn_log_multiplier"] = .float32(Float(share) / 10)
            }
            return keys
        },
        checked: [
            "q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "n_routed_experts",
            "num_experts_per_tok", "n_shared_experts", "first_k_dense_replace", "moe_intermediate_size", "n_group",
            "topk_group", "routed_scaling_factor", "norm_topk_prob",
        ]
    )
}

/// InternLM 2's names by those of Llama's network.
private enum InternLM2Names {
    static let names = [
        "model.tok_embeddings.": "model.embed_tokens.", "output.": "lm_head.", ".attention.wo.": ".self_attn.o_proj.",
        ".attention.wqkv.": ".self_attn.wqkv.", ".attention_norm.": ".input_layernorm.",
        ".ffn_norm.": ".post_attention_layernorm.", ".feed_forward.w1.": ".mlp.gate_proj.",
        ".feed_forward.w3.": ".mlp.up_proj.", ".feed_forward.w2.": ".mlp.down_proj.",
    ]
}
