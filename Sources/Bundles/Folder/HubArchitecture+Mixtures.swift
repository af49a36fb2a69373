import Checkpoints

extension HubArchitecture {
    /// Mixtures of experts.
    static let mixtures = [mixtral, qwen3MoE]

    static let mixtral = HubArchitecture(
        modelType: "mixtral",
        className: "MixtralForCausalLM",
        defaults: [
            "max_position_embeddings": 131_072, "rms_norm_eps": 1e-5, "rope_theta": 1_000_000,
            "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2,
        ]
    )

    static let qwen3MoE = HubArchitecture(
        modelType: "qwen3_moe",
        className: "Qwen3MoeForCausalLM",
        defaults: [
            "num_key_value_heads": 4, "max_position_embeddings": 32_768, "rms_norm_eps": 1e-6, "rope_theta": 10_000,
            "decoder_sparse_step": 1, "moe_intermediate_size": 768, "num_experts_per_tok": 8, "num_experts": 128,
            "norm_topk_prob": false,
        ]
    )
}
