import Tensors

extension GGUFSettings {
    /// `rope_scaling` of config.json; Llama 3's and LongRoPE's, which GGUF stores as tensors of divisors, carry them as lists.
    func ropeScaling() throws -> Settings.Value? {
        if let factors = try divisors(Self.rotaryDivisors) { return ["rope_type": "llama3", "factors": factors] }
        var scaling: [String: Settings.Value] = [:]
        scaling["factor"] = value("rope.scaling.factor") ?? value("rope.scale_linear")
        scaling["original_max_position_embeddings"] = value("rope.scaling.original_context_length")
        scaling["attention_factor"] = value("rope.scaling.attn_factor") ?? value("rope.scaling.yarn_attn_factor")
        if let long = try divisors(Self.longDivisors), let short = try divisors(Self.shortDivisors) {
            (scaling["long_factor"], scaling["short_factor"], scaling["rope_type"]) = (long, short, "longrope")
            return .object(scaling)
        }
        guard let kind = value("rope.scaling.type") ?? scaling["factor"].map({ _ in "linear" }), kind != "none" else {
            return nil
        }
        scaling["rope_type"] = kind
        scaling["beta_fast"] = value("rope.scaling.yarn_beta_fast")
        scaling["beta_slow"] = value("rope.scaling.yarn_beta_slow")
        if let share = metadata[prefix + ".rope.scaling.yarn_log_multiplier"]?.number, share > 0 {
            (scaling["mscale"], scaling["mscale_all_dim"]) = (.number(10 * share), .number(10 * share))
        }
        return .object(scaling)
    }

    private func divisors(_ name: String) throws -> Settings.Value? {
        guard let divisors = try weights.tensor(name, nil) else { return nil }
        guard divisors.dtype == .float32, divisors.shape.elements <= 4096 else {
            let expected = "at most 4096 of float32"
            throw CheckpointError.setting(key: name, value: "\(divisors.shape)", expected: expected)
        }
        return .array(divisors.withFloats { $0.map { Settings.Value.number(Double($0)) } })
    }

    /// Gemma's scores are scaled by the width of a head, or in one size of the family by the mean width.
    func scaleScores(_ settings: inout Settings, byMeanWidthAt layers: Int) throws {
        guard let width = try? settings.positive("hidden_size"),
            let heads = try? settings.positive("num_attention_heads"),
            let headWidth = try? settings.positive("head_dim")
        else { return }
        let isMean = settings["num_hidden_layers"] == .integer(layers)
        settings["query_pre_attn_scalar"] = .integer(isMean ? width / heads : headWidth)
    }
}
