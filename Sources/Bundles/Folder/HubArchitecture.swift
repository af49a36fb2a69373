import Checkpoints

/// What the Hub's checkpoints of one architecture are like, and what their settings leave unsaid.
///
/// Adding one is a constant here and its name in ``all``.
struct HubArchitecture: Sendable {
    /// `model_type` of config.json.
    let modelType: String
    /// The class of the reference library, as `architectures` names it.
    let className: String
    /// Whether norms are stored without the one of `1 + w` (see ``HubWeights``).
    var normsLackOne = false
    /// The activations that the network has, under the key that names it.
    var activation = (key: "hidden_act", names: ["silu", "swish"])
    /// The settings of a config.json that does not say otherwise: the reference library's defaults.
    var defaults: [String: Settings.Value] = [:]
    /// Settings that must be absent, null or false, since the network here does not have what they ask for.
    var refused: [String] = []

    static let all = [llama, mistral, qwen2, gemma3]

    static func named(_ modelType: String) -> HubArchitecture? { all.first { $0.modelType == modelType } }

    static let llama = HubArchitecture(
        modelType: "llama",
        className: "LlamaForCausalLM",
        defaults: ["max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "rope_theta": 10_000]
    )

    static let mistral = HubArchitecture(
        modelType: "mistral",
        className: "MistralForCausalLM",
        defaults: [
            "max_position_embeddings": 131_072, "rms_norm_eps": 1e-6, "rope_theta": 10_000, "num_key_value_heads": 8,
        ]
    )

    static let qwen2 = HubArchitecture(
        modelType: "qwen2",
        className: "Qwen2ForCausalLM",
        defaults: ["max_position_embeddings": 32_768, "rms_norm_eps": 1e-6, "rope_theta": 10_000]
    )

    static let gemma3 = HubArchitecture(
        modelType: "gemma3_text",
        className: "Gemma3ForCausalLM",
        normsLackOne: true,
        activation: (key: "hidden_activation", names: ["gelu_pytorch_tanh"]),
        defaults: [
            "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 131_072,
            "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256, "rope_theta": 1_000_000, "rope_local_base_freq": 10_000,
            "sliding_window": 4096, "sliding_window_pattern": 6, "tie_word_embeddings": true,
        ],
        refused: ["attn_logit_softcapping", "final_logit_softcapping", "use_bidirectional_attention", "attention_bias"]
    )
}
