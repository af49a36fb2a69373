extension GGUFArchitecture {
    /// Dense decoders beside the commonest. InternLM 2 and Baichuan come with queries, keys and values apart, which makes them
    /// Llama's network.
    static let decoders = [
        "baichuan": baichuan, "chatglm": chatGLM, "ernie4_5": ernie45, "gemma2": gemma2, "glm4": glm4,
        "hunyuan-dense": hunyuan, "internlm2": llamaLike, "minicpm": miniCPM, "pangu-embedded": pangu, "phi3": phi3,
        "smollm3": smolLM3,
    ]

    private static let llamaLike = GGUFArchitecture(modelType: "llama", names: llama.names, interleaved: true)

    /// The 13B model has slopes for positions. Of all sizes' files, those of Baichuan 2 (not those of Baichuan, whose vocabulary has 64,000
    /// tokens) have a head whose rows are yet to be brought to length 1.
    private static let baichuan = GGUFArchitecture(
        modelType: "llama",
        names: llama.names,
        interleaved: true,
        unitRows: { settings in settings["vocab_size"] == 64_000 ? [] : ["lm_head.weight"] },
        finish: { settings, _ in
            guard settings["num_hidden_layers"] == 40 else { return }
            (settings["model_type"], settings["packs_queries"]) = ("baichuan", false)
            settings["position_embedding_type"] = "alibi"
        }
    )

    /// That nothing turns in every fourth layer is said by the name.
    private static let smolLM3 = GGUFArchitecture(
        modelType: "smollm3",
        names: llama.names,
        interleaved: true,
        settings: ["hidden_act": "silu", "no_rope_layer_interval": 4]
    )

    private static let pangu = GGUFArchitecture(modelType: "PanguEmbedded", names: llama.names)

    /// Phi-4's window of 0 is none.
    private static let phi3 = GGUFArchitecture(
        modelType: "phi3",
        names: llama.names.merging([
            "blk.*.attn_qkv": "model.layers.*.self_attn.qkv_proj",
            "blk.*.ffn_up": "model.layers.*.mlp.gate_up_proj",
        ]) { $1 },
        finish: { settings, _ in if settings["sliding_window"] == 0 { settings["sliding_window"] = nil } }
    )

    /// Norm weights are stored with the one of `1 + w` already added, and that is what models are given.
    private static let gemma2 = GGUFArchitecture(
        modelType: "gemma2",
        names: decoder.merging(sandwich) { $1 },
        settings: ["hidden_activation": "gelu_pytorch_tanh", "sliding_window": 4096],
        keys: [
            "attn_logit_softcapping": "attn_logit_softcapping", "final_logit_softcapping": "final_logit_softcapping",
        ],
        // The 27B model has 46 layers.
        finish: { try $1.scaleScores(&$0, byMeanWidthAt: 46) }
    )

    private static let glm4 = GGUFArchitecture(
        modelType: "glm4",
        names: llama.names.merging([
            "blk.*.post_attention_norm": "model.layers.*.post_self_attn_layernorm",
            "blk.*.post_ffw_norm": "model.layers.*.post_mlp_layernorm",
            "blk.*.attn_qkv": "model.layers.*.self_attn.qkv_proj",
            "blk.*.ffn_up": "model.layers.*.mlp.gate_up_proj",
        ]) { $1 },
        splitsQueries: true
    )

    private static let chatGLM = GGUFArchitecture(modelType: "glm", names: glm4.names, splitsQueries: true)

    private static let ernie45 = GGUFArchitecture(
        modelType: "ernie4_5",
        names: llama.names,
        finish: { settings, _ in settings["use_bias"] = settings["attention_bias"] }
    )

    /// Queries and keys are normed after they have turned. Files have the base already stretched.
    static let hunyuan = GGUFArchitecture(
        modelType: "hunyuan_v1_dense",
        names: llama.names.merging([
            "blk.*.attn_q_norm": "model.layers.*.self_attn.query_layernorm",
            "blk.*.attn_k_norm": "model.layers.*.self_attn.key_layernorm",
        ]) { $1 },
        finish: { settings, file in
            settings["use_qk_norm"] = .bool(file.tensors["model.layers.0.self_attn.query_layernorm.weight"] != nil)
        }
    )

    /// Files have what is multiplied by; early ones have nothing, and are the first models', 2B.
    private static let miniCPM = GGUFArchitecture(
        modelType: "minicpm",
        names: llama.names,
        interleaved: true,
        keys: ["embedding_scale": "scale_emb"],
        finish: { settings, file in
            func scale(_ key: String) -> Double? { file.metadata["minicpm." + key]?.number }
            let layers = try settings.positive("num_hidden_layers"), width = try settings.positive("hidden_size")
            let depth = scale("residual_scale").map { $0 * Double(layers).squareRoot() } ?? 1.4
            let base = scale("logit_scale").flatMap { Int(exactly: (Double(width) / $0).rounded()) } ?? 256
            settings["scale_emb"] = settings["scale_emb"] ?? 12
            (settings["scale_depth"], settings["dim_model_base"]) = (.number(depth), .integer(base))
        }
    )
}
