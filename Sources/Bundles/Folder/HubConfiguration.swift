import Checkpoints

/// A config.json of the Hub, translated into the settings that models read.
///
/// Read as versions 4 and 5 of the reference library write it: with the text's settings at the top or within `text_config`, and
/// with `rope_theta` and `rope_scaling` or both within `rope_parameters`.
struct HubConfiguration {
    let settings: Settings
    /// Nil for an architecture that has no line in ``HubArchitecture``; whether there is a model for it is not decided here.
    let architecture: HubArchitecture?
    /// How matrices are kept, where that is as words of 4-bit levels.
    let fourBit: FourBitLayout?

    init(_ config: Settings) throws {
        var settings = try Self.text(of: config)
        let quantisation: Settings? =
            try settings.optional("quantization_config") ?? config.optional("quantization_config")
        settings["quantization_config"] = nil
        let type: String = try settings("model_type")
        architecture = HubArchitecture.named(type)
        let method: String? = try quantisation?.optional("quant_method")
        let isOwn = architecture?.stacksExperts == true && method == "mxfp4"
        fourBit = isOwn ? nil : try quantisation.map(FourBitLayout.init)
        if fourBit != nil, let architecture, !architecture.layout.turned.isEmpty {
            let expected = "none for \(type), whose matrices are turned"
            throw CheckpointError.setting(key: "quantization_config", value: "4 bits", expected: expected)
        }
        try Self.readRotary(&settings)
        if let architecture { Self.readExpertCount(&settings, architecture) }
        if let architecture { try Self.complete(&settings, architecture) }
        if architecture?.readsLayerTypes != true { try Self.readLayerTypes(&settings) }
        self.settings = settings.spelt(as: architecture?.spellings ?? [:])
    }

    /// The settings of the language model: those of `text_config` before those around it.
    private static func text(of config: Settings) throws -> Settings {
        guard let text: Settings = try config.optional("text_config") else { return config }
        var settings = text
        for key in ["bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings", Fingerprint.settingKey] {
            settings[key] = settings[key] ?? config[key]
        }
        return settings
    }

    /// What libraries and their versions call the number of experts.
    static let expertCounts = ["num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"]

    /// Has the number of experts under the name that the network reads.
    private static func readExpertCount(_ settings: inout Settings, _ architecture: HubArchitecture) {
        guard let own = expertCounts.first(where: { architecture.defaults[$0] != nil }) else { return }
        for other in expertCounts where other != own {
            if settings[own] == nil || settings[own] == .null { settings[own] = settings[other] }
            settings[other] = nil
        }
    }

    private static func complete(_ settings: inout Settings, _ architecture: HubArchitecture) throws {
        for (key, value) in architecture.defaults where settings[key] == nil || settings[key] == .null {
            if key == "sliding_window_pattern", settings["layer_types"] != nil { continue }
            if settings[key] == .null, architecture.nullable.contains(key) { continue }
            settings[key] = value
        }
        for key in architecture.refused {
            guard let value = settings[key], value != .null, value != false else { continue }
            throw CheckpointError.setting(key: key, value: "\(value)", expected: "none in this network")
        }
        let (key, names) = architecture.activation
        let activation: String = try settings(key, default: names[0])
        guard names.contains(activation) else {
            throw CheckpointError.setting(key: key, value: "“\(activation)”", expected: names[0])
        }
    }
}

/// Rotary positions.
extension HubConfiguration {
    /// `rope_parameters`: one object, or one for each type of layer.
    private static func readRotary(_ settings: inout Settings) throws {
        guard let parameters: Settings = try settings.optional("rope_parameters") else { return }
        if let full: Settings = try parameters.optional("full_attention") {
            try set(full, into: &settings)
            if let local: Settings = try parameters.optional("sliding_attention") {
                guard try local("rope_type", default: "default") == "default" else {
                    throw CheckpointError.setting(
                        key: "rope_parameters.sliding_attention.rope_type",
                        value: "\(local["rope_type"] ?? .null)",
                        expected: "default"
                    )
                }
                settings["rope_local_base_freq"] = local["rope_theta"] ?? settings["rope_local_base_freq"]
            }
        } else {
            try set(parameters, into: &settings)
        }
        settings["rope_parameters"] = nil
    }

    private static func set(_ parameters: Settings, into settings: inout Settings) throws {
        var scaling = parameters
        settings["rope_theta"] = parameters["rope_theta"] ?? settings["rope_theta"]
        settings["partial_rotary_factor"] = parameters["partial_rotary_factor"] ?? settings["partial_rotary_factor"]
        (scaling["rope_theta"], scaling["partial_rotary_factor"]) = (nil, nil)
        let type: String = try scaling("rope_type", default: "default")
        settings["rope_scaling"] = type == "default" ? nil : .object(scaling.values)
    }

    /// `layer_types`, which must be what a pattern says: every n-th layer full, the others local.
    private static func readLayerTypes(_ settings: inout Settings) throws {
        guard let types: [String] = try settings.optional("layer_types") else { return }
        settings["layer_types"] = nil
        let full = types.map { $0 == "full_attention" }
        let known = types.allSatisfy { ["full_attention", "sliding_attention"].contains($0) }
        let pattern = (full.firstIndex(of: true) ?? full.count) + 1
        let layers: Int = try settings.positive("num_hidden_layers")
        guard known, full.count == layers, full.indices.allSatisfy({ full[$0] == (($0 + 1) % pattern == 0) }) else {
            throw CheckpointError.setting(
                key: "layer_types",
                value: "a list of \(types.count)",
                expected: "\(layers) items: full_attention for all layers, or for every n-th of them and "
                    + "sliding_attention for the others"
            )
        }
        let isGemma = HubArchitecture.gemma3.modelType == (try settings("model_type"))
        if isGemma { settings["sliding_window_pattern"] = .integer(pattern) }
        guard !isGemma, full.contains(false) else { return }
        throw CheckpointError.setting(key: "layer_types", value: "sliding_attention", expected: "full_attention")
    }
}
