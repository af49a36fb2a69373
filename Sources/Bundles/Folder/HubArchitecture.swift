import Checkpoints

/// What the Hub's checkpoints of one architecture are like, and what their settings leave unsaid.
///
/// Adding one is a constant here and its name in ``all``.
struct HubArchitecture: Sendable {
    /// `model_type` of config.json.
    let modelType: String
    /// The class of the reference library, as `architectures` names it.
    let className: String
    /// What the names of all tensors but the head's begin with; a file may leave it out.
    var root = "model."
    /// What they may begin with in files, the first that is there.
    var prefixes = ["language_model.model.", "model.language_model.", "model.", "transformer."]
    /// What the names of its head begin with.
    var heads = ["lm_head.", "language_model.lm_head."]
    /// What its tensors are like in files, where that is not what models want.
    var layout = HubLayout()
    /// What its config.json calls some settings, by their common names.
    var spellings: [String: String] = [:]
    /// The activations that the network has, under the key that names it.
    var activation = (key: "hidden_act", names: ["silu", "swish"])
    /// The settings of a config.json that does not say otherwise: the reference library's defaults.
    var defaults: [String: Settings.Value] = [:]
    /// Settings whose null means none, and not the default.
    var nullable: Set<String> = []
    /// Settings that must be absent, null or false, since the network here does not have what they ask for.
    var refused: [String] = []

    /// Whether files have a layer's experts in one tensor, as GPT-OSS's have: read in floats or MXFP4, written in floats.
    var stacksExperts = false
    /// Whether it has heads of attention, which settings tell of.
    var attends = true
    /// Whether the network reads `layer_types` itself.
    var readsLayerTypes = false

    static let all = [llama, mistral, qwen2, qwen3, gemma3, gpt2] + decoders + mixtures + encoders + [mamba2]

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

    static let qwen3 = HubArchitecture(
        modelType: "qwen3",
        className: "Qwen3ForCausalLM",
        defaults: [
            "num_key_value_heads": 32, "head_dim": 128, "max_position_embeddings": 32_768, "rms_norm_eps": 1e-6,
            "rope_theta": 10_000,
        ]
    )

    static let gemma3 = HubArchitecture(
        modelType: "gemma3_text",
        className: "Gemma3ForCausalLM",
        layout: HubLayout(normsLackOne: true),
        activation: (key: "hidden_activation", names: ["gelu_pytorch_tanh"]),
        defaults: [
            "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 131_072,
            "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256, "rope_theta": 1_000_000, "rope_local_base_freq": 10_000,
            "sliding_window": 4096, "sliding_window_pattern": 6, "tie_word_embeddings": true,
        ],
        refused: ["attn_logit_softcapping", "final_logit_softcapping", "use_bidirectional_attention", "attention_bias"]
    )

    /// Codestral Mamba has a further name before the network's. Contexts have no end; what files of GGUF say is said here too.
    static let mamba2 = HubArchitecture(
        modelType: "mamba2",
        className: "Mamba2ForCausalLM",
        root: "backbone.",
        prefixes: ["model.backbone.", "backbone."],
        heads: ["lm_head.", "model.lm_head."],
        defaults: [
            "max_position_embeddings": 1_048_576, "num_heads": 128, "head_dim": 64, "state_size": 128, "n_groups": 8,
            "conv_kernel": 4, "layer_norm_epsilon": 1e-5, "use_bias": false, "use_conv_bias": true,
        ],
        attends: false
    )

    /// Four matrices of a layer are `[inputs, outputs]`, since its layers once were convolutions (Radford et al. 2019).
    static let gpt2 = HubArchitecture(
        modelType: "gpt2",
        className: "GPT2LMHeadModel",
        root: "transformer.",
        layout: HubLayout(
            turned: [".attn.c_attn.weight", ".attn.c_proj.weight", ".mlp.c_fc.weight", ".mlp.c_proj.weight"],
            buffers: [".attn.bias", ".attn.masked_bias"]
        ),
        spellings: Settings.gpt2Spellings,
        activation: (key: "activation_function", names: ["gelu_new", "gelu", "gelu_pytorch_tanh"]),
        defaults: [
            "vocab_size": 50_257, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
            "max_position_embeddings": 1024, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
            "scale_attn_weights": true, "scale_attn_by_inverse_layer_idx": false, "tie_word_embeddings": true,
        ],
        refused: ["add_cross_attention"]
    )
}
