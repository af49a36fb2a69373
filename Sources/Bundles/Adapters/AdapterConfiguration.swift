import Checkpoints

/// What an adapter is: low-rank corrections (LoRA, Hu et al. 2021), perhaps with rows scaled to a length of their own (DoRA, Liu
/// et al. 2024).
///
/// Read from and written as PEFT's `adapter_config.json`. An option that would change what the network computes and is not here is
/// refused by its name.
public struct AdapterConfiguration: Sendable, Hashable {
    public var rank: Int
    public var alpha: Double
    /// Whether the correction is scaled by alpha / √rank (Kalajdzievski 2023) instead of alpha / rank.
    public var isRankStabilised: Bool
    /// Whether each row of the sum has a length of its own.
    public var isDecomposed: Bool
    /// The last parts of the names of the linear maps that are corrected, such as `q_proj`.
    public var targets: [String]
    /// The model underneath: a name or a path.
    public var base: String
    public var dropout: Double

    public init(
        rank: Int,
        alpha: Double,
        isRankStabilised: Bool = false,
        isDecomposed: Bool = false,
        targets: [String],
        base: String,
        dropout: Double = 0
    ) {
        precondition(rank > 0, "an adapter of rank \(rank)")
        (self.rank, self.alpha, self.targets, self.base) = (rank, alpha, targets.sorted(), base)
        (self.isRankStabilised, self.isDecomposed, self.dropout) = (isRankStabilised, isDecomposed, dropout)
    }

    /// What the product of the two low-rank matrices is multiplied by.
    public var scale: Float {
        Float(isRankStabilised ? alpha / Double(rank).squareRoot() : alpha / Double(rank))
    }
}

extension AdapterConfiguration {
    /// Reads `adapter_config.json`.
    init(_ config: Settings, file: String) throws {
        let type: String = try config("peft_type", default: "LORA")
        guard type == "LORA" else { throw Self.refusal(file, "peft_type", .string(type), "LORA") }
        if let task: String = try config.optional("task_type"), task != "CAUSAL_LM" {
            throw Self.refusal(file, "task_type", .string(task), "CAUSAL_LM")
        }
        for (key, value) in config.values.sorted(by: { $0.key < $1.key }) where !Self.known.contains(key) {
            guard !Self.asksForNothing(value) else { continue }
            throw Self.refusal(file, key, value, "nothing")
        }
        let bias: String = try config("bias", default: "none")
        guard bias == "none" else { throw Self.refusal(file, "bias", .string(bias), "none") }
        try Self.refuseOtherBases(config, file)
        self.init(
            rank: try config.positive("r"),
            alpha: try config("lora_alpha"),
            isRankStabilised: try config("use_rslora", default: false),
            isDecomposed: try config("use_dora", default: false),
            targets: try Self.targets(config),
            base: try config("base_model_name_or_path", default: ""),
            dropout: try config("lora_dropout", default: 0)
        )
        guard scale.isFinite else {
            throw CheckpointError.setting(key: "lora_alpha", value: "\(alpha)", expected: "a finite number")
        }
    }

    /// Keys whose value is read, or tells only how the adapter was trained.
    private static let known: Set<String> = [
        "peft_type", "task_type", "bias", "r", "lora_alpha", "use_rslora", "use_dora", "target_modules", "lora_dropout",
        "base_model_name_or_path", "init_lora_weights", "inference_mode", "revision", "auto_mapping", "peft_version",
        "exclude_modules", "layers_to_transform", "layers_pattern", "runtime_config", "megatron_core", "corda_config",
        "eva_config", "loftq_config", "arrow_config", "lora_ga_config", "ensure_weight_tying", "qalora_group_size",
        "fan_in_fan_out",  // how the base keeps its matrices, which the base's own files tell
        Fingerprint.settingKey,
    ]

    /// Null, false, nothing in it.
    private static func asksForNothing(_ value: Settings.Value) -> Bool {
        [.null, .bool(false), .array([]), .object([:]), .string("")].contains(value)
    }

    /// Ways to begin that changed the base too, so that the adapter fits another one than it names.
    private static func refuseOtherBases(_ config: Settings, _ file: String) throws {
        guard case .string(let start)? = config["init_lora_weights"] else { return }
        let changing = ["pissa", "olora", "corda", "loftq", "lora_ga"]
        guard changing.contains(where: { start.lowercased().hasPrefix($0) }) else { return }
        throw refusal(file, "init_lora_weights", .string(start), "a start that leaves the base alone")
    }

    private static func targets(_ config: Settings) throws -> [String] {
        guard let value = config["target_modules"], value != .null else { return [] }
        if case .string(let pattern) = value { return [pattern] }
        return try config("target_modules")
    }

    private static func refusal(
        _ file: String,
        _ key: String,
        _ value: Settings.Value,
        _ supported: String
    ) -> BundleError {
        let what = "\(key) is \(value); supported is \(supported). Merge the adapter with the library that made it"
        return .unsupported(file: file, what: what)
    }

    /// The `adapter_config.json` of PEFT.
    var config: Settings {
        [
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": .integer(rank), "lora_alpha": alphaValue,
            "use_rslora": .bool(isRankStabilised), "use_dora": .bool(isDecomposed), "bias": "none",
            "target_modules": .array(targets.sorted().map { .string($0) }), "base_model_name_or_path": .string(base),
            "lora_dropout": .number(dropout), "inference_mode": true, "fan_in_fan_out": false,
            "init_lora_weights": true,
        ]
    }

    private var alphaValue: Settings.Value { Int(exactly: alpha).map { .integer($0) } ?? .number(alpha) }
}
