import Checkpoints

extension HubArchitecture {
    /// Their networks' names begin with nothing, and so do their heads'.
    static let encoders = [bert, roberta, xlmRoberta, modernBERT]

    static let bert = HubArchitecture(
        modelType: "bert",
        className: "BertModel",
        root: "",
        prefixes: ["bert."],
        layout: HubLayout(buffers: ["embeddings.position_ids"]),
        activation: (key: "hidden_act", names: ["gelu", "gelu_new", "gelu_pytorch_tanh"]),
        defaults: [
            "vocab_size": 30_522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
            "intermediate_size": 3072, "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
        ],
        refused: ["is_decoder", "add_cross_attention"]
    )

    static let roberta = robertaLike("roberta", "RobertaModel")
    static let xlmRoberta = robertaLike("xlm-roberta", "XLMRobertaModel")

    private static func robertaLike(_ modelType: String, _ className: String) -> HubArchitecture {
        var defaults = bert.defaults
        (defaults["vocab_size"], defaults["pad_token_id"]) = (50_265, 1)
        return HubArchitecture(
            modelType: modelType,
            className: className,
            root: "",
            prefixes: ["roberta."],
            layout: bert.layout,
            activation: bert.activation,
            defaults: defaults,
            refused: bert.refused
        )
    }

    static let modernBERT = HubArchitecture(
        modelType: "modernbert",
        className: "ModernBertModel",
        root: "",
        prefixes: ["model."],
        activation: (key: "hidden_activation", names: ["gelu", "gelu_new", "gelu_pytorch_tanh"]),
        defaults: [
            "vocab_size": 50_368, "hidden_size": 768, "intermediate_size": 1152, "num_hidden_layers": 22,
            "num_attention_heads": 12, "max_position_embeddings": 8192, "norm_eps": 1e-5,
            "global_attn_every_n_layers": 3, "local_attention": 128,
        ],
        readsLayerTypes: true
    )
}
