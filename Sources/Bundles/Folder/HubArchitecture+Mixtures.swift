import Checkpoints

extension HubArchitecture {
    /// Mixtures of experts.
    static let mixtures = [mixtral, qwen3MoE, ernie45MoE, hunyuanMoE, deepSeekV2, deepSeekV3, panguProMoE, gptOSS]

    static let ernie45MoE = HubArchitecture(
        modelType: "ernie4_5_moe",
        className: "Ernie4_5_MoeForCausalLM",
        defaults: [
            "num_key_value_heads": 4, "max_position_embeddings": 131_072, "rms_norm_eps": 1e-5, "rope_theta": 500_000,
            "use_bias": false, "moe_intermediate_size": 1536, "moe_k": 6, "moe_num_experts": 64,
            "moe_num_shared_experts": 2, "moe_layer_start_index": 1, "moe_layer_end_index": -1, "moe_layer_interval": 1,
            "moe_norm_min": 1e-12, "tie_word_embeddings": true,
        ]
    )

    static let hunyuanMoE = HubArchitecture(
        modelType: "hunyuan_v1_moe",
        className: "HunYuanMoEV1ForCausalLM",
        defaults: [
            "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "rope_theta": 10_000, "num_experts": 1,
            "moe_topk": 1, "num_shared_expert": 1,
        ]
    )

    static let gptOSS = HubArchitecture(
        modelType: "gpt_oss",
        className: "GptOssForCausalLM",
        defaults: [
            "num_key_value_heads": 8, "head_dim": 64, "max_position_embeddings": 131_072, "rms_norm_eps": 1e-5,
            "rope_theta": 150_000, "sliding_window": 128, "num_local_experts": 128, "num_experts_per_tok": 4,
            "attention_bias": true, "intermediate_size": 2880,
        ],
        stacksExperts: true,
        readsLayerTypes: true
    )

    static let panguProMoE = HubArchitecture(
        modelType: "PanguProMoE",
        className: "PanguProMoEForCausalLM",
        defaults: [
            "num_key_value_heads": 8, "max_position_embeddings": 131_072, "rms_norm_eps": 1e-5,
            "rope_theta": 16_000_000, "num_experts": 64, "num_experts_per_tok": 8, "moe_intermediate_size": 1344,
            "shared_expert_intermediate_size": 5376, "intermediate_size": 5376,
        ]
    )

    static let deepSeekV2 = HubArchitecture(
        modelType: "deepseek_v2",
        className: "DeepseekV2ForCausalLM",
        defaults: latent.merging([
            "num_experts_per_tok": 6, "topk_method": "greedy", "moe_intermediate_size": 1407,
            "n_routed_experts": 64,
        ]) { $1 }
    )

    static let deepSeekV3 = HubArchitecture(
        modelType: "deepseek_v3",
        className: "DeepseekV3ForCausalLM",
        defaults: latent.merging([
            "num_experts_per_tok": 8, "n_group": 8, "topk_group": 4, "norm_topk_prob": true,
            "moe_intermediate_size": 2048, "n_routed_experts": 256, "routed_scaling_factor": 2.5,
            "first_k_dense_replace": 3, "n_shared_experts": 1,
        ]) { $1 }
    )

    private static let latent: [String: Settings.Value] = [
        "max_position_embeddings": 4096, "rms_norm_eps": 1e-6, "rope_theta": 10_000, "kv_lora_rank": 512,
        "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "first_k_dense_replace": 0,
        "routed_scaling_factor": 1,
    ]

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
