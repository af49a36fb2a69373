extension GGUFArchitecture {
    /// DeepSeek-V2 and V3, which share a name; V3's scores are sigmoids.
    ///
    /// Later files have the map out of the latent in two tensors (``Rejoined``), and with them the widths of the latent under
    /// the common keys and those of heads under keys of their own.
    static let deepSeek = GGUFArchitecture(
        modelType: "deepseek_v2",
        names: llama.names.merging(experts) { $1 }.merging(sharedExperts) { $1 }.merging([
            "blk.*.attn_q_a": "model.layers.*.self_attn.q_a_proj",
            "blk.*.attn_q_a_norm": "model.layers.*.self_attn.q_a_layernorm",
            "blk.*.attn_q_b": "model.layers.*.self_attn.q_b_proj",
            "blk.*.attn_kv_a_mqa": "model.layers.*.self_attn.kv_a_proj_with_mqa",
            "blk.*.attn_kv_a_norm": "model.layers.*.self_attn.kv_a_layernorm",
            "blk.*.attn_kv_b": "model.layers.*.self_attn.kv_b_proj",
            "blk.*.attn_k_b": "model.layers.*.self_attn.k_b_proj",
            "blk.*.attn_v_b": "model.layers.*.self_attn.v_b_proj",
            "blk.*.exp_probs_b.bias": "model.layers.*.mlp.gate.e_score_correction_bias",
        ]) { $1 },
        keys: [
            "attention.q_lora_rank": "q_lora_rank", "attention.kv_lora_rank": "kv_lora_rank",
            "leading_dense_block_count": "first_k_dense_replace", "expert_feed_forward_length": "moe_intermediate_size",
            "expert_count": "n_routed_experts", "expert_shared_count": "n_shared_experts",
            "expert_weights_scale": "routed_scaling_factor", "expert_weights_norm": "norm_topk_prob",
            "expert_group_count": "n_group", "expert_group_used_count": "topk_group",
        ],
        finish: { settings, file in
            try widths(&settings, file)
            groups(&settings, file)
        }
    )

    private static func widths(_ settings: inout Settings, _ file: GGUFSettings) throws {
        settings["qk_rope_head_dim"] = file.value("rope.dimension_count") ?? 64
        let turning = try settings.positive("qk_rope_head_dim")
        let key = try settings.positive("head_dim")
        settings["head_dim"] = file.value("attention.key_length_mla") ?? .integer(key)
        let whole = try settings.positive("head_dim")
        guard whole > turning else {
            let expected = "more than the \(turning) that turn"
            throw CheckpointError.setting(key: "attention.key_length", value: "\(whole)", expected: expected)
        }
        settings["qk_nope_head_dim"] = .integer(whole - turning)
        settings["v_head_dim"] = file.value("attention.value_length_mla") ?? file.value("attention.value_length")
        settings["num_key_value_heads"] = settings["num_attention_heads"]
        (settings["head_dim"], settings["partial_rotary_factor"]) = (nil, nil)
    }

    /// Early files do not say how experts are grouped; the published networks of 160 and of 256 are in 8 groups.
    private static func groups(_ settings: inout Settings, _ file: GGUFSettings) {
        let corrected = file.tensors.keys.contains { $0.hasSuffix(".e_score_correction_bias") }
        let isSigmoid = file.value("expert_gating_func") == 2 || corrected
        settings["model_type"] = isSigmoid ? "deepseek_v3" : "deepseek_v2"
        if settings["n_group"] == nil {
            let chosen: [Settings.Value: Settings.Value] = [160: 3, 256: 4]
            settings["topk_group"] = settings["n_routed_experts"].flatMap { chosen[$0] }
            settings["n_group"] = settings["topk_group"].map { _ in 8 }
        }
        if !isSigmoid, settings["n_group"] != nil { settings["topk_method"] = "group_limited_greedy" }
    }
}
