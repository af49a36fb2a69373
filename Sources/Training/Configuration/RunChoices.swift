/// How much text makes a step.
public struct BatchShape: Sendable, Hashable {
    /// Rows of one forward and backward pass, and how many of these make a step.
    public let tokens: Int, accumulation: Int
    /// The most tokens of a document that see each other.
    public let context: Int
    public let precision: Objective.Precision
    /// The share of activations that is left out at random.
    public let dropout: Float
    /// Whether activations are worked out again in the backward pass instead of kept: less memory, a third more time.
    public let recomputes: Bool

    init(_ section: ConfigurationSection) throws {
        context = try section.value("context", .integer(2...(1 << 20)), default: 512)
        tokens = try section.value("tokens", .integer(2...(1 << 20)), default: max(2048, context))
        accumulation = try section.value("accumulation", .integer(1...4096), default: 1)
        precision = try section.value("precision", .choice, default: .bfloat16)
        dropout = try section.value("dropout", .number(0...0.9), default: 0)
        recomputes = try section.value("recompute", .flag, default: false)
        guard tokens >= context else {
            throw RunConfigurationError(
                section.place("tokens"),
                "\(tokens) tokens do not hold one document of \(context) tokens: raise tokens, or lower context"
            )
        }
    }
}

/// When a run is over.
public enum RunLength: Sendable, Hashable {
    case steps(Int)
    /// How often each document is learnt from.
    case epochs(Double)

    init(_ section: ConfigurationSection) throws {
        let steps = try section.optional("steps", .integer(1...(1 << 30)))
        if let steps, section.has("epochs") {
            throw RunConfigurationError("epochs", "there are steps too (\(steps)): leave one out")
        }
        guard let steps else {
            self = .epochs(try section.value("epochs", .epochs, default: 1))
            return
        }
        _ = try section.optional("epochs", .epochs)
        self = .steps(steps)
    }
}

/// What is kept and watched while a run goes on.
public struct RunCare: Sendable, Hashable {
    /// Steps between checkpoints, and how many of the latest are kept.
    public let checkpointEvery: Int, keep: Int
    /// Steps between measurements on held-out text; how many without a new best end the run.
    public let validateEvery: Int, patience: Int?
    /// How much of the running average of the weights a step keeps; nil for no average.
    public let averaging: Float?
    /// How many nats the loss may rise above its lowest; steps in a row whose gradient may be no number.
    public let tolerance: Double, skips: Int

    init(_ root: ConfigurationSection) throws {
        (checkpointEvery, keep) = try root.section("checkpoints") {
            (
                try $0.value("every", .integer(1...(1 << 30)), default: 200),
                try $0.value("keep", .integer(1...1000), default: 2)
            )
        }
        (validateEvery, patience) = try root.section("validation") {
            (
                try $0.value("every", .integer(1...(1 << 30)), default: 100),
                try $0.value("patience", orNone: .integer(1...1000))
            )
        }
        averaging = try root.value("average", orNone: .number(0...0.99999))
        (tolerance, skips) = try root.section("guard") {
            (
                try $0.value("tolerance", .number(0.01...1000), default: 2),
                try $0.value("skips", .integer(0...1000), default: 3)
            )
        }
    }
}

/// Texts that the model writes while it learns.
public struct SampleChoice: Sendable, Hashable {
    /// Steps between samples, how each begins, and how long it gets.
    public let every: Int, prompts: [String], tokens: Int

    init(_ section: ConfigurationSection) throws {
        prompts = try section.value("prompts", .texts, default: [])
        every = try section.value("every", .integer(1...(1 << 30)), default: 200)
        tokens = try section.value("tokens", .integer(1...4096), default: 64)
    }
}

extension SettingKind where Value == Double {
    fileprivate static var epochs: Self { .number(0.001...10_000) }
}
