public import Checkpoints

extension Settings {
    /// The settings that models read, from those of a config.json of the Hub: what it leaves out is the reference library's default.
    ///
    /// - Throws: `CheckpointError` with the key of a setting that is not there, impossible, or not supported.
    public init(hub config: Settings) throws { self = try HubConfiguration(config).settings.checked() }

    /// The same settings, once those that networks divide, multiply and loop by are known to make sense; those of an architecture
    /// that has no line in ``HubArchitecture`` as they are.
    ///
    /// - Throws: `CheckpointError.setting` with the key, its value and what was expected.
    func checked() throws -> Settings {
        guard let architecture = try HubArchitecture.named(self("model_type")) else { return self }
        for key in ["vocab_size", "hidden_size", "num_hidden_layers", "max_position_embeddings"] {
            _ = try positive(key)
        }
        if architecture.attends { try checkHeads() }
        try checkLatents()
        for key in ["sliding_window", "sliding_window_pattern", "query_pre_attn_scalar"] where self[key] != nil {
            if let size: Int = try optional(key) { try require(size > 0, key, size, "a whole number from 1 on") }
        }
        for key in ["rope_theta", "rope_local_base_freq", "scale_emb", "scale_depth"] {
            if let base: Double = try optional(key), base <= 0 {
                throw CheckpointError.setting(key: key, value: "\(base)", expected: "a number above 0")
            }
        }
        for key in ["attn_logit_softcapping", "final_logit_softcapping"] {
            if let bound: Double = try optional(key), bound <= 0 {
                let expected = "a number above 0, or null for none"
                throw CheckpointError.setting(key: key, value: "\(bound)", expected: expected)
            }
        }
        if self["topk_method"] != "greedy" {
            for key in ["n_group", "topk_group"] where self[key] != nil && self[key] != .null { _ = try positive(key) }
        }
        for key in ["chunk_size", "dim_model_base"] where self[key] != nil && self[key] != .null {
            _ = try positive(key)
        }
        if let every: Int = try optional("moe_layer_freq") {
            try require(every == 1, "moe_layer_freq", every, "1, a mixture in every layer after the dense ones")
        }
        for key in ["rms_norm_eps", "layer_norm_epsilon"] {
            if let epsilon: Double = try optional(key), !(0...1).contains(epsilon) {
                throw CheckpointError.setting(key: key, value: "\(epsilon)", expected: "a number from 0 to 1")
            }
        }
        return self
    }

    private func checkHeads() throws {
        let heads = try positive("num_attention_heads"), keys = try positive("num_key_value_heads", default: heads)
        try require(heads % keys == 0, "num_key_value_heads", keys, "a divisor of the \(heads) attention heads")
        let width = try positive("hidden_size")
        if self["head_dim"] == nil || self["head_dim"] == .null {
            try require(width % heads == 0, "hidden_size", width, "a multiple of the \(heads) attention heads")
        }
        let head = try positive("head_dim", default: width / heads)
        try require(head % 2 == 0, "head_dim", head, "an even number, as rotary positions turn pairs")
    }

    /// DeepSeek's heads, which `head_dim` does not tell the width of.
    private func checkLatents() throws {
        for key in ["kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"] where self[key] != nil {
            _ = try positive(key)
        }
    }

    private func require(_ holds: Bool, _ key: String, _ value: Int, _ expected: String) throws {
        guard holds else { throw CheckpointError.setting(key: spelling(key), value: "\(value)", expected: expected) }
    }
}
