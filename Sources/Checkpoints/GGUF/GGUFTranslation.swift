import Tensors

/// A GGUF file's metadata and tensors, put into the one vocabulary that models are written in: Hugging Face's.
struct GGUFTranslation {
    let settings: Settings
    let weights: any NamedWeights

    init(_ header: GGUFHeader, _ bytes: Bytes, file: String) throws {
        let name = header.metadata["general.architecture"]?.text ?? "unknown"
        let architecture = GGUFArchitecture.of(header.metadata, named: name)
        let named = try architecture.named(header, prefix: name, file: file)
        let plain = GGUFWeights(file: file, bytes: bytes, tensors: named)
        let settings: Settings, ordered: any NamedWeights
        do {
            settings = try GGUFSettings(header.metadata, prefix: name, architecture, named, plain).settings()
            ordered = try architecture.interleaved ? Deinterleaved(plain, settings) : plain
        } catch let error as CheckpointError { throw GGUFKeys(header.metadata).told(error) }
        let rejoined = Rejoined(LoggedRates(source: ordered)), units = architecture.unitRows(settings)
        weights = units.isEmpty ? rejoined : UnitRows(source: rejoined, names: units)
        self.settings = settings
    }
}

/// Writes the settings of config.json from the metadata of a GGUF file.
struct GGUFSettings {
    let metadata: GGUFMetadata
    let prefix: String
    let architecture: GGUFArchitecture
    /// By the names models use.
    let tensors: [String: GGUFTensor]
    let weights: GGUFWeights

    init(
        _ metadata: GGUFMetadata,
        prefix: String,
        _ architecture: GGUFArchitecture,
        _ tensors: [String: GGUFTensor],
        _ weights: GGUFWeights
    ) {
        (self.metadata, self.prefix, self.architecture) = (metadata, prefix, architecture)
        (self.tensors, self.weights) = (tensors, weights)
    }

    /// Config.json's keys by what stands after the architecture's name in GGUF's.
    static let keys = [
        "embedding_length": "hidden_size",
        "block_count": "num_hidden_layers",
        "feed_forward_length": "intermediate_size",
        "context_length": "max_position_embeddings",
        "attention.head_count": "num_attention_heads",
        "attention.head_count_kv": "num_key_value_heads",
        "attention.key_length": "head_dim",
        "attention.value_length": "v_head_dim",
        "attention.layer_norm_epsilon": "layer_norm_epsilon",
        "attention.layer_norm_rms_epsilon": "rms_norm_eps",
        "attention.sliding_window": "sliding_window",
        "rope.freq_base": "rope_theta",
        "expert_count": "num_local_experts",
        "expert_used_count": "num_experts_per_tok",
    ]

    /// Llama 3's scaling of rotary frequencies: what each is divided by.
    static let rotaryDivisors = "rope_freqs.weight"

    /// LongRoPE's, in contexts longer and no longer than the original.
    static let longDivisors = "rope_factors_long.weight", shortDivisors = "rope_factors_short.weight"

    private static let tokens = [
        "bos_token_id": "bos_token_id", "eos_token_id": "eos_token_id", "padding_token_id": "pad_token_id",
    ]

    /// Sizes that models multiply, divide by and loop over.
    private static let sizes = [
        "hidden_size", "num_hidden_layers", "intermediate_size", "max_position_embeddings", "num_attention_heads",
        "num_key_value_heads", "head_dim", "vocab_size",
    ]

    func settings() throws -> Settings {
        var settings = Settings(architecture.settings)
        settings["model_type"] = .string(architecture.modelType)
        let keys = Self.keys.merging(architecture.keys) { $1 }
        for (key, name) in keys where !architecture.unused.contains(key) {
            settings[name] = value(key) ?? settings[name]
        }
        for (key, name) in Self.tokens {
            settings[name] = metadata["tokenizer.ggml." + key].flatMap(Settings.Value.init)
        }
        settings["vocab_size"] =
            tensors[architecture.name("token_embd.weight")]?.shape.first.map(Settings.Value.integer)
            ?? value("vocab_size")
        settings["tie_word_embeddings"] = .bool(tensors[architecture.name("output.weight")] == nil)
        if architecture.rotates {
            settings["attention_bias"] = .bool(tensors["model.layers.0.self_attn.q_proj.bias"] != nil)
            settings["rope_theta"] = settings["rope_theta"] ?? 10_000
            settings["rope_scaling"] = try ropeScaling()
        }
        try derive(&settings)
        try architecture.finish(&settings, self)
        return settings.spelt(as: architecture.spellings)
    }

    func value(_ key: String) -> Settings.Value? { metadata[prefix + "." + key].flatMap(Settings.Value.init) }

    /// Fills in what follows from other settings, and refuses what no model could be built from.
    private func derive(_ settings: inout Settings) throws {
        for key in Self.sizes where settings[key]?.isList == false { _ = try settings.positive(key) }
        guard let heads = try? settings.positive("num_attention_heads") else { return }
        let kvHeads = (try? settings.positive("num_key_value_heads")) ?? heads
        guard heads % kvHeads == 0 else {
            let expected = "a divisor of the \(heads) attention heads"
            throw CheckpointError.setting(key: "num_key_value_heads", value: "\(kvHeads)", expected: expected)
        }
        if settings["num_key_value_heads"] == nil { settings["num_key_value_heads"] = .integer(heads) }
        guard let width = try? settings.positive("hidden_size") else { return }
        let headWidth = try settings.positive("head_dim", default: max(1, width / heads))
        settings["head_dim"] = .integer(headWidth)
        if settings["v_head_dim"] == .integer(headWidth) { settings["v_head_dim"] = nil }
        if let rotated = value("rope.dimension_count").flatMap(Int.init(setting:)), rotated != headWidth {
            settings["partial_rotary_factor"] = .number(Double(rotated) / Double(headWidth))
        }
    }
}

extension Settings.Value {
    /// A metadata value as JSON would have it; nil where JSON cannot.
    init?(_ value: GGUFValue) {
        if let integer = value.integer {
            self = .integer(integer)
        } else if let number = value.number {
            self = .number(number)
        } else if let flag = value.flag {
            self = .bool(flag)
        } else if let text = value.text {
            self = .string(text)
        } else if let numbers = value.numbers, numbers.count <= 4096 {
            self = .array(numbers.compactMap(Self.init))
        } else {
            return nil
        }
    }

    var isList: Bool { if case .array = self { true } else { false } }
}
