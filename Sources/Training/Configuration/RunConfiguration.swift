public import Text

/// All that a run is asked to do, as one readable file says it.
///
/// ```yaml
/// model: {base: smollm2-135m-instruct}
/// data: {train: complaints.jsonl}
/// adapter: {type: lora, rank: 16}
/// epochs: 3
/// ```
///
/// Whatever is left out has a default; ``lines`` tells what holds. What no section knows is refused by name, before anything
/// starts. Paths are as they were written; who opens them knows relative to what.
public struct RunConfiguration: Sendable, Hashable {
    /// The run's folder under `YUYAN_HOME/runs`; nil: named after the file.
    public let name: String?
    /// Everything random is drawn from it: parameters, the order of documents, dropout, samples.
    public let seed: Int
    public let model: ModelChoice
    public let data: DataChoice
    public let objective: ObjectiveChoice
    public let adapter: AdapterChoice?
    public let optimizer: OptimizerChoice
    public let batch: BatchShape
    public let length: RunLength
    public let schedule: ScheduleChoice
    public let care: RunCare
    public let samples: SampleChoice
    /// Every setting that holds, in the order of the file's description, and whether it is a default.
    public let lines: [ConfigurationLine]

    /// - Throws: ``RunConfigurationError`` that names the setting and what it should be.
    public init(_ json: JSON) throws {
        let root = try ConfigurationSection(JSONField(json))
        name = try root.value("name", orNone: .text)
        seed = try root.value("seed", .integer(0...(1 << 53)), default: 1)
        model = try root.section("model", ModelChoice.init)
        data = try root.section("data", DataChoice.init)
        objective = try root.section("objective", ObjectiveChoice.init)
        adapter = try root.section("adapter", AdapterChoice.read)
        optimizer = try root.section("optimizer") { [adapter] in try OptimizerChoice($0, isAdapter: adapter != nil) }
        batch = try root.section("batch", BatchShape.init)
        length = try RunLength(root)
        schedule = try root.section("schedule", ScheduleChoice.init)
        care = try RunCare(root)
        samples = try root.section("samples", SampleChoice.init)
        try root.close()
        lines = root.lines.map { ConfigurationLine(key: $0.key, value: $0.value, isDefault: $0.isDefault) }
        try check()
    }

    /// What no single setting can know.
    private func check() throws {
        if let name, !name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }) || name.hasPrefix(".") {
            throw RunConfigurationError("name", "should be letters, numbers, '-', '_' and '.', not “\(name)”")
        }
        if case .new = model, adapter != nil {
            throw RunConfigurationError("adapter", "adapts a model that exists: name it as model.base")
        }
        if optimizer.movesInBackward, batch.accumulation > 1 {
            throw RunConfigurationError(
                "batch.accumulation",
                "\(batch.accumulation) batches make a step when all their gradients are there, and with optimizer.in_backward they "
                    + "never are: set it to 1 and raise batch.tokens, or leave in_backward out"
            )
        }
        if case .preferences = objective, case .new = model {
            throw RunConfigurationError(
                "objective.type",
                "preferences need a model to begin with: name it as model.base"
            )
        }
    }
}

/// One setting that holds.
public struct ConfigurationLine: Sendable, Hashable {
    /// As `optimizer.rate`.
    public let key: String
    public let value: String
    /// Whether the file says nothing of it.
    public let isDefault: Bool

    public init(key: String, value: String, isDefault: Bool) {
        (self.key, self.value, self.isDefault) = (key, value, isDefault)
    }
}
