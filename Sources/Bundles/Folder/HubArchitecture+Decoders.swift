import Checkpoints

extension HubArchitecture {
    /// Decoders of Llama's line that differ in parts.
    static let decoders = [
        phi3, gemma2, glm, glm4, chatGLM, ernie45, hunyuan, miniCPM, internLM2, baichuan2, pangu, skywork, smolLM3,
        zhinao, iFlytekSpark,
    ]

    static let phi3 = HubArchitecture(
        modelType: "phi3",
        className: "Phi3ForCausalLM",
        defaults: [
            "max_position_embeddings": 4096, "original_max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
            "rope_theta": 10_000,
        ]
    )

    static let gemma2 = HubArchitecture(
        modelType: "gemma2",
        className: "Gemma2ForCausalLM",
        layout: HubLayout(normsLackOne: true),
        activation: (key: "hidden_activation", names: ["gelu_pytorch_tanh"]),
        defaults: [
            "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 8192, "rms_norm_eps": 1e-6,
            "query_pre_attn_scalar": 256, "rope_theta": 10_000, "sliding_window": 4096, "attn_logit_softcapping": 50,
            "final_logit_softcapping": 30, "tie_word_embeddings": true,
        ],
        nullable: ["attn_logit_softcapping", "final_logit_softcapping"],
        refused: ["attention_bias"],
        readsLayerTypes: true
    )

    static let glm = glmLike("glm", "GlmForCausalLM")
    static let glm4 = glmLike("glm4", "Glm4ForCausalLM")

    private static func glmLike(_ modelType: String, _ className: String) -> HubArchitecture {
        HubArchitecture(
            modelType: modelType,
            className: className,
            defaults: [
                "num_key_value_heads": 2, "head_dim": 128, "max_position_embeddings": 131_072, "rms_norm_eps": 1e-5,
                "rope_theta": 10_000, "partial_rotary_factor": 0.5, "attention_bias": true,
            ]
        )
    }

    static let chatGLM = HubArchitecture(
        modelType: "chatglm",
        className: "ChatGLMForConditionalGeneration",
        root: "transformer.",
        heads: ["transformer.output_layer."],
        layout: HubLayout(buffers: [".rotary_pos_emb.inv_freq"]),
        spellings: Settings.chatGLMSpellings,
        defaults: [
            "num_hidden_layers": 28, "hidden_size": 4096, "intermediate_size": 13_696, "num_attention_heads": 32,
            "head_dim": 128, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "rope_ratio": 1,
            "tie_word_embeddings": false,
        ],
        refused: ["add_bias_linear", "apply_residual_connection_post_layernorm"]
    )

    static let ernie45 = HubArchitecture(
        modelType: "ernie4_5",
        className: "Ernie4_5ForCausalLM",
        defaults: [
            "num_key_value_heads": 2, "head_dim": 128, "max_position_embeddings": 131_072, "rms_norm_eps": 1e-5,
            "rope_theta": 500_000, "use_bias": false, "tie_word_embeddings": true,
        ]
    )

    static let hunyuan = HubArchitecture(
        modelType: "hunyuan_v1_dense",
        className: "HunYuanDenseV1ForCausalLM",
        defaults: ["max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "rope_theta": 10_000]
    )

    static let miniCPM = HubArchitecture(
        modelType: "minicpm",
        className: "MiniCPMForCausalLM",
        defaults: [
            "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "rope_theta": 10_000, "scale_emb": 1,
            "dim_model_base": 1, "scale_depth": 1, "tie_word_embeddings": true,
        ]
    )

    static let internLM2 = HubArchitecture(
        modelType: "internlm2",
        className: "InternLM2ForCausalLM",
        heads: ["output."],
        defaults: ["max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "rope_theta": 10_000, "bias": true]
    )

    static let baichuan2 = HubArchitecture(
        modelType: "baichuan",
        className: "BaichuanForCausalLM",
        layout: HubLayout(unitRows: ["lm_head.weight"]),
        defaults: [
            "vocab_size": 125_696, "max_position_embeddings": 4096, "rms_norm_eps": 1e-6, "rope_theta": 10_000,
        ]
    )

    static let pangu = HubArchitecture(
        modelType: "PanguEmbedded",
        className: "PanguEmbeddedForCausalLM",
        defaults: ["max_position_embeddings": 32_768, "rms_norm_eps": 1e-5, "rope_theta": 16_000_000, "bias": true]
    )

    static let skywork = HubArchitecture(
        modelType: "skywork",
        className: "SkyworkForCausalLM",
        defaults: ["max_position_embeddings": 4096, "rms_norm_eps": 1e-6, "rope_theta": 10_000]
    )

    static let smolLM3 = HubArchitecture(
        modelType: "smollm3",
        className: "SmolLM3ForCausalLM",
        defaults: [
            "vocab_size": 128_256, "num_key_value_heads": 4, "max_position_embeddings": 32_768, "rms_norm_eps": 1e-6,
            "rope_theta": 10_000, "no_rope_layer_interval": 4, "tie_word_embeddings": true,
        ],
        refused: ["use_sliding_window"]
    )

    static let zhinao = HubArchitecture(
        modelType: "zhinao",
        className: "ZhinaoForCausalLM",
        defaults: ["max_position_embeddings": 4096, "rms_norm_eps": 1e-6, "rope_theta": 10_000, "bias": false]
    )

    /// As the converter has it that is published with its support for vLLM. Rows see 8192 positions.
    static let iFlytekSpark = HubArchitecture(
        modelType: "iflytekspark",
        className: "IFlytekSparkForCausalLM",
        activation: (key: "hidden_act", names: ["gelu_gate"]),
        defaults: [
            "max_position_embeddings": 32_768, "layer_norm_eps": 1e-5, "rope_theta": 1_000_000, "sliding_window": 8192,
        ]
    )
}
