import Checkpoints
import Text

extension HubConfiguration {
    /// The config.json that the reference library builds the same network from.
    ///
    /// - Throws: ``BundleError`` for an architecture or a scaling of positions that it has no words for.
    static func config(_ settings: Settings, _ tokenizer: TokenizerSpecification, type: String) throws -> Settings {
        let name: String = try settings("model_type")
        guard let architecture = HubArchitecture.named(name) else {
            let known = HubArchitecture.all.map(\.modelType).joined(separator: ", ")
            let what = "its architecture is \(name); known are \(known)"
            throw BundleError.inexpressible(format: "config.json", what: what)
        }
        var config = settings.spelt(as: architecture.spellings)
        config["architectures"] = .array([.string(architecture.className)])
        config["torch_dtype"] = .string(type)
        config["dtype"] = nil
        for (key, id) in [("bos_token_id", tokenizer.bos), ("pad_token_id", tokenizer.pad)] {
            config[key] = id.map { .integer($0) }
        }
        config["eos_token_id"] = endings(tokenizer)
        config["rope_scaling"] = try scaling(settings)
        return config
    }

    /// The generation_config.json beside it.
    static func generation(_ defaults: GenerationDefaults, _ tokenizer: TokenizerSpecification) -> Settings {
        var settings: Settings = [:]
        settings["bos_token_id"] = tokenizer.bos.map { .integer($0) }
        settings["eos_token_id"] = endings(tokenizer)
        settings["pad_token_id"] = tokenizer.pad.map { .integer($0) }
        defaults.write(to: &settings)
        return settings
    }

    /// What ends an answer: one id, or a list with EOS first.
    private static func endings(_ tokenizer: TokenizerSpecification) -> Settings.Value? {
        let others = tokenizer.endOfGeneration.subtracting([tokenizer.eos].compactMap { $0 }).sorted()
        let ids = [tokenizer.eos].compactMap { $0 } + others
        return ids.count < 2 ? ids.first.map { .integer($0) } : .array(ids.map { .integer($0) })
    }

    /// `rope_scaling`; a GGUF file's divisors are told by the parameters that make them, where they are Llama 3's.
    private static func scaling(_ settings: Settings) throws -> Settings.Value? {
        guard let scaling: Settings = try settings.optional("rope_scaling"),
            let factors: [Float] = try scaling.optional("factors")
        else { return settings["rope_scaling"] }
        for factor in [8.0, 32.0] {
            let published: Settings = [
                "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 8192,
            ]
            var candidate = settings
            candidate["rope_scaling"] = .object(published.values)
            let made = try GGUFFile.rotaryDivisors(candidate) ?? []
            guard made.count == factors.count else { continue }
            if zip(made, factors).allSatisfy({ abs($0 - $1) <= 1e-4 * abs($1) }) { return candidate["rope_scaling"] }
        }
        let what = "its rotary divisors are not those of Llama 3.1 or 3.2"
        throw BundleError.inexpressible(format: "config.json", what: what)
    }
}
