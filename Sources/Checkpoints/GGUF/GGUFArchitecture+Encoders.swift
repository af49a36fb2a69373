extension GGUFArchitecture {
    /// Networks that read whole texts. XLM-R goes by BERT's name, with positions that begin at its first row; its head is BERT's, whose
    /// pooler is the first of its maps.
    static let encoders = ["bert": bert, "modern-bert": modernBERT]

    private static let bert = GGUFArchitecture(
        modelType: "bert",
        names: [
            "token_embd": "embeddings.word_embeddings",
            "token_types": "embeddings.token_type_embeddings",
            "position_embd": "embeddings.position_embeddings",
            "token_embd_norm": "embeddings.LayerNorm",
            "blk.*.attn_q": "encoder.layer.*.attention.self.query",
            "blk.*.attn_k": "encoder.layer.*.attention.self.key",
            "blk.*.attn_v": "encoder.layer.*.attention.self.value",
            "blk.*.attn_output": "encoder.layer.*.attention.output.dense",
            "blk.*.attn_output_norm": "encoder.layer.*.attention.output.LayerNorm",
            "blk.*.ffn_up": "encoder.layer.*.intermediate.dense",
            "blk.*.ffn_down": "encoder.layer.*.output.dense",
            "blk.*.layer_output_norm": "encoder.layer.*.output.LayerNorm",
            "cls": "pooler.dense",
            "cls.output": "classifier",
        ],
        settings: ["hidden_act": "gelu", "position_embedding_type": "absolute"],
        rotates: false,
        keys: ["attention.layer_norm_epsilon": "layer_norm_eps"],
        finish: { settings, file in
            try refuseHeads(file, first: "pooler.dense.weight")
            let kinds = file.tensors["embeddings.token_type_embeddings.weight"]?.shape.first
            settings["type_vocab_size"] = .integer(kinds ?? 1)
            settings["head_dim"] = nil
        }
    )

    private static let modernBERT = GGUFArchitecture(
        modelType: "modernbert",
        names: [
            "token_embd": "embeddings.tok_embeddings",
            "token_embd_norm": "embeddings.norm",
            "output_norm": "final_norm",
            "blk.*.attn_norm": "layers.*.attn_norm",
            "blk.*.attn_qkv": "layers.*.attn.Wqkv",
            "blk.*.attn_output": "layers.*.attn.Wo",
            "blk.*.ffn_norm": "layers.*.mlp_norm",
            "blk.*.ffn_up": "layers.*.mlp.Wi",
            "blk.*.ffn_down": "layers.*.mlp.Wo",
            "cls": "head.dense",
            "cls.norm": "head.norm",
            "cls.output": "classifier",
        ],
        settings: ["hidden_activation": "gelu", "global_rope_theta": 160_000, "local_rope_theta": 10_000],
        rotates: false,
        keys: [
            "attention.layer_norm_epsilon": "norm_eps", "attention.sliding_window": "local_attention",
            "attention.sliding_window_pattern": "global_attn_every_n_layers", "rope.freq_base": "global_rope_theta",
            "rope.freq_base_swa": "local_rope_theta",
        ],
        finish: { settings, file in
            try refuseHeads(file, first: "head.dense.weight")
            settings["classifier_bias"] = .bool(file.tensors["head.dense.bias"] != nil)
            (settings["classifier_pooling"], settings["head_dim"]) = ("mean", nil)
        }
    )

    /// Half a head would score otherwise than the whole, and other maps would make other vectors: BERT's own head comes without its
    /// pooler, which the reference's converter leaves out.
    ///
    /// - Parameter first: the head's first map.
    private static func refuseHeads(_ file: GGUFSettings, first: String) throws {
        let heads = [first, "classifier.weight"].filter { file.tensors[$0] != nil }
        if heads.count == 1 {
            let missing = heads == [first] ? "cls.output" : "cls"
            let what = "its head that scores texts lacks \(missing).weight; take the folder with safetensors"
            throw CheckpointError.unsupported(file: file.weights.file, what: what)
        }
        if let head = file.tensors.keys.filter({ $0.hasPrefix("cls.") || $0.hasPrefix("dense_2.") }).min() {
            let what = "its head (\(head)) is not read; take the folder with safetensors"
            throw CheckpointError.unsupported(file: file.weights.file, what: what)
        }
        guard file.value("attention.causal") != true else {
            throw CheckpointError.setting(key: "attention.causal", value: "true", expected: "false in an encoder")
        }
    }
}
