import Tensors

extension GGUFExport {
    /// Networks that read whole texts. XLM-R goes by BERT's name, with places that begin at its first row.
    static let encoders: [String: GGUFExport] = [
        "bert": bert, "roberta": bert, "xlm-roberta": bert, "modernbert": modernBERT,
    ]

    private static let bert = GGUFExport(
        name: "bert",
        architecture: .named("bert"),
        settings: { settings in
            var settings = plain(settings)
            let most = try settings.positive("max_position_embeddings"), first = try firstPlace(settings)
            settings["max_position_embeddings"] = .integer(most - first)
            return settings
        },
        keys: { _ in ["attention.causal": .bool(false)] },
        weights: { weights, settings in
            let type: String = try settings("model_type")
            let head = type == "bert" ? ["pooler.dense", "classifier"] : ["classifier.dense", "classifier.out_proj"]
            let names = zip(head, ["pooler.dense", "classifier"]).map { (own: $0, written: $1) }
            return EncoderWeights(weights, head: names, firstPlace: try firstPlace(settings))
        },
        checked: ["hidden_act", "position_embedding_type", "type_vocab_size", "layer_norm_eps"]
    )

    private static let modernBERT = GGUFExport(
        name: "modern-bert",
        architecture: .named("modern-bert"),
        settings: { settings in try withoutBiases(withoutLayerTypes(withBothBases(plain(settings)))) },
        keys: { _ in ["attention.causal": .bool(false)] },
        weights: { weights, settings in
            let written = EncoderWeights(
                weights,
                head: ["head.dense", "head.norm", "classifier"].map { (own: $0, written: $0) },
                firstPlace: 0
            )
            let pooling: String = try settings("classifier_pooling", default: "cls")
            guard pooling == "mean" || !written.entries.contains(where: { $0.name == "classifier.weight" }) else {
                let expected = "mean, which is all that a GGUF file of this architecture can say"
                throw CheckpointError.setting(key: "classifier_pooling", value: pooling, expected: expected)
            }
            return written
        },
        checked: [
            "hidden_activation", "norm_eps", "local_attention", "global_attn_every_n_layers", "global_rope_theta",
            "local_rope_theta",
        ]
    )

    /// Without what says nothing of an encoder.
    private static func plain(_ settings: Settings) -> Settings {
        var settings = settings
        (settings["tie_word_embeddings"], settings["head_dim"]) = (nil, nil)
        return settings
    }

    /// The number of a text's first place: RoBERTa's are counted from behind the padding token's.
    private static func firstPlace(_ settings: Settings) throws -> Int {
        let type: String = try settings("model_type")
        guard type != "bert" else { return 0 }
        return try settings("pad_token_id", default: 1) + 1
    }

    /// The bases of rotations by the names that older configurations have for both.
    private static func withBothBases(_ settings: Settings) -> Settings {
        var settings = settings
        for (own, common) in [("global_rope_theta", "rope_theta"), ("local_rope_theta", "rope_local_base_freq")] {
            settings[own] = settings[own] ?? settings[common]
            settings[common] = nil
        }
        return settings
    }

    private static func withoutLayerTypes(_ settings: Settings) throws -> Settings {
        guard let types: [String] = try settings.optional("layer_types") else { return settings }
        let every = try settings.positive("global_attn_every_n_layers", default: 3)
        guard types.indices.allSatisfy({ ($0 % every == 0) == (types[$0] == "full_attention") }) else {
            let expected = "full_attention in every layer whose number \(every) divides, as a GGUF file says it"
            throw CheckpointError.setting(key: "layer_types", value: "\(types)", expected: expected)
        }
        var settings = settings
        settings["layer_types"] = nil
        return settings
    }

    private static func withoutBiases(_ settings: Settings) throws -> Settings {
        for key in ["attention_bias", "mlp_bias", "norm_bias"] where settings[key] == true {
            throw CheckpointError.setting(key: key, value: "true", expected: "false, as GGUF has no such tensors")
        }
        return settings
    }
}

/// An encoder's weights as files have them: its network, places from a text's first on, and a head if it is whole. What else a
/// checkpoint was trained with is left out.
struct EncoderWeights: NamedWeights {
    private let source: any NamedWeights
    /// What the source calls them.
    private let origins: [String: String]
    private let firstPlace: Int
    let entries: [WeightEntry]

    private static let places = "embeddings.position_embeddings.weight"

    /// - Parameter head: the maps of a head that scores texts, and what files of the architecture have them as.
    init(_ source: any NamedWeights, head: [(own: String, written: String)], firstPlace: Int) {
        let names = Set(source.entries.map(\.name))
        let isWhole = head.allSatisfy { names.contains($0.own + ".weight") }
        var origins: [String: String] = [:], entries: [WeightEntry] = []
        for entry in source.entries {
            guard let name = Self.name(entry.name, isWhole ? head : []) else { continue }
            origins[name] = entry.name
            var shape = entry.shape
            if name == Self.places, shape.count == 2 { shape[0] = max(0, shape[0] - firstPlace) }
            entries.append(WeightEntry(name, entry.dtype, shape))
        }
        (self.source, self.origins, self.firstPlace, self.entries) = (source, origins, firstPlace, entries)
    }

    private static func name(_ name: String, _ head: [(own: String, written: String)]) -> String? {
        for (own, written) in head {
            for suffix in [".weight", ".bias"] where name == own + suffix { return written + suffix }
        }
        return ["embeddings.", "encoder.", "layers.", "final_norm."].contains(where: name.hasPrefix) ? name : nil
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let origin = origins[name], let tensor = try source.tensor(origin, fresh) else { return nil }
        guard name == Self.places, firstPlace > 0, tensor.shape[0] > firstPlace else { return tensor }
        return tensor.rows(firstPlace..<tensor.shape[0])
    }
}
