extension GGUFArchitecture {
    /// Mixtures of experts; Mixtral goes by Llama's name.
    static let mixtures = [
        "deepseek2": deepSeek, "ernie4_5-moe": ernie45MoE, "gpt-oss": gptOSS, "hunyuan-moe": hunyuanMoE,
        "qwen3moe": qwen3MoE,
    ]

    static let mixtral = GGUFArchitecture(
        modelType: "mixtral",
        names: llama.names.merging([
            "blk.*.ffn_gate_inp": "model.layers.*.block_sparse_moe.gate",
            "blk.*.ffn_gate_exps": "model.layers.*.block_sparse_moe.experts.#.w1",
            "blk.*.ffn_down_exps": "model.layers.*.block_sparse_moe.experts.#.w2",
            "blk.*.ffn_up_exps": "model.layers.*.block_sparse_moe.experts.#.w3",
        ]) { $1 },
        interleaved: true
    )

    private static let qwen3MoE = GGUFArchitecture(
        modelType: "qwen3_moe",
        names: qwen3.names.merging(experts) { $1 },
        settings: ["hidden_act": "silu", "norm_topk_prob": true],
        keys: ["expert_count": "num_experts", "expert_feed_forward_length": "moe_intermediate_size"],
        finish: { settings, file in
            settings["intermediate_size"] = settings["intermediate_size"] ?? settings["moe_intermediate_size"]
            let layers = min(try settings.positive("num_hidden_layers"), file.tensors.count)
            let dense = (0..<layers).filter { file.tensors["model.layers.\($0).mlp.gate.weight"] == nil }
            settings["mlp_only_layers"] = .array(dense.map { .integer($0) })
        }
    )

    private static let ernie45MoE = GGUFArchitecture(
        modelType: "ernie4_5_moe",
        names: llama.names.merging(experts) { $1 }.merging(sharedExperts) { $1 }.merging([
            "blk.*.exp_probs_b.bias": "model.layers.*.mlp.moe_statics.e_score_correction_bias"
        ]) { $1 },
        keys: [
            "expert_count": "moe_num_experts", "expert_used_count": "moe_k",
            "expert_feed_forward_length": "moe_intermediate_size", "expert_shared_count": "moe_num_shared_experts",
            "leading_dense_block_count": "moe_layer_start_index", "interleave_moe_layer_step": "moe_layer_interval",
        ],
        reshaped: { name, shape in
            name.hasSuffix(".moe_statics.e_score_correction_bias") && shape.count == 1 ? [1] + shape : shape
        },
        finish: { settings, file in
            settings["use_bias"] = settings["attention_bias"]
            let first: Int = try settings("moe_layer_start_index", default: 1)
            let shared = file.tensors["model.layers.\(first).mlp.shared_experts.gate_proj.weight"]?.shape.first ?? 0
            settings["moe_num_shared_experts"] = .integer(shared / (try settings.positive("moe_intermediate_size")))
        }
    )

    private static let hunyuanMoE = GGUFArchitecture(
        modelType: "hunyuan_v1_moe",
        names: hunyuan.names.merging(experts) { $1 }.merging([
            "blk.*.ffn_gate_inp": "model.layers.*.mlp.gate.wg",
            "blk.*.ffn_gate_shexp": "model.layers.*.mlp.shared_mlp.gate_proj",
            "blk.*.ffn_up_shexp": "model.layers.*.mlp.shared_mlp.up_proj",
            "blk.*.ffn_down_shexp": "model.layers.*.mlp.shared_mlp.down_proj",
        ]) { $1 },
        keys: [
            "expert_count": "num_experts", "expert_used_count": "moe_topk", "expert_shared_count": "num_shared_expert",
            "expert_feed_forward_length": "moe_intermediate_size",
        ],
        finish: hunyuan.finish
    )

    /// Its published networks cut YaRN's range at no whole number.
    private static let gptOSS = GGUFArchitecture(
        modelType: "gpt_oss",
        names: decoder.merging(experts) { $1 }.merging([
            "blk.*.post_attention_norm": "model.layers.*.post_attention_layernorm",
            "blk.*.attn_sinks.weight": "model.layers.*.self_attn.sinks",
            "blk.*.attn_sinks": "model.layers.*.self_attn.sinks",
            "blk.*.ffn_gate_inp": "model.layers.*.mlp.router",
        ]) { $1 },
        finish: { settings, file in
            settings["intermediate_size"] = file.value("expert_feed_forward_length") ?? settings["intermediate_size"]
            guard case .object(var scaling)? = settings["rope_scaling"] else { return }
            scaling["truncate"] = false
            settings["rope_scaling"] = .object(scaling)
        }
    )

    static let experts = [
        "blk.*.ffn_gate_inp": "model.layers.*.mlp.gate",
        "blk.*.ffn_gate_exps": "model.layers.*.mlp.experts.#.gate_proj",
        "blk.*.ffn_up_exps": "model.layers.*.mlp.experts.#.up_proj",
        "blk.*.ffn_down_exps": "model.layers.*.mlp.experts.#.down_proj",
    ]

    static let sharedExperts = [
        "blk.*.ffn_gate_shexp": "model.layers.*.mlp.shared_experts.gate_proj",
        "blk.*.ffn_up_shexp": "model.layers.*.mlp.shared_experts.up_proj",
        "blk.*.ffn_down_shexp": "model.layers.*.mlp.shared_experts.down_proj",
    ]
}
