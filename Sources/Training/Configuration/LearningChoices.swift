/// What a run makes smaller.
public enum ObjectiveChoice: Sendable, Hashable {
    case nextToken
    /// Direct preference optimisation (Rafailov et al. 2023).
    case preferences(beta: Float, smoothing: Float, answerWeight: Float)

    private enum Kind: String, CaseIterable { case next_token, dpo }

    init(_ section: ConfigurationSection) throws {
        switch try section.value("type", SettingKind<Kind>.choice, default: .next_token) {
        case .next_token: self = .nextToken
        case .dpo:
            self = .preferences(
                beta: try section.value("beta", .number(0.001...10), default: 0.1),
                smoothing: try section.value("label_smoothing", .number(0...0.5), default: 0),
                answerWeight: try section.value("sft_weight", .number(0...100), default: 0)
            )
        }
    }
}

/// A low-rank correction that is learnt instead of the weights.
public struct AdapterChoice: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable { case none, lora, dora }

    public let kind: Kind
    public let rank: Int
    /// The correction is scaled by `alpha / rank`, or by `alpha / √rank` where it is rank-stabilised.
    public let alpha: Float
    public let isRankStabilised: Bool
    public let dropout: Float
    /// Ends of the names of the maps that are adapted, such as `q_proj`; `all-linear` for all but the head.
    public let targets: [String]

    static func read(_ section: ConfigurationSection) throws -> AdapterChoice? {
        let kind: Kind = try section.value("type", .choice, default: .none)
        return kind == .none ? nil : try AdapterChoice(kind, section)
    }

    private init(_ kind: Kind, _ section: ConfigurationSection) throws {
        self.kind = kind
        rank = try section.value("rank", .integer(1...1024), default: 8)
        alpha = try section.value("alpha", .number(0.001...4096), default: Float(2 * rank))
        isRankStabilised = try section.value("rank_stabilised", .flag, default: false)
        dropout = try section.value("dropout", .number(0...0.9), default: 0)
        targets = try section.value("targets", .texts, default: ["all-linear"])
    }
}

/// How parameters move.
public struct OptimizerChoice: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case adamw
        /// AdamW that remembers in 8 bits.
        case adamw8Bit = "adamw_8bit"
        case lion, adafactor, muon
    }

    public let kind: Kind
    /// The highest learning rate of the run.
    public let rate: Float
    public let decay: Float
    public let beta1: Float, beta2: Float, epsilon: Float
    /// The length that gradients are cut to; nil for none.
    public let clip: Float?
    /// Whether a parameter moves as soon as its gradient is whole, so that not all gradients are in memory at once.
    public let movesInBackward: Bool

    init(_ section: ConfigurationSection, isAdapter: Bool) throws {
        kind = try section.value("type", .choice, default: .adamw)
        rate = try section.value("rate", .number(0...10), default: Self.rate(kind, isAdapter: isAdapter))
        decay = try section.value("decay", .number(0...1), default: isAdapter ? 0 : 0.1)
        beta1 = try section.value("beta1", .number(0...0.9999), default: kind == .muon ? 0.95 : 0.9)
        let isAdam = kind == .adamw || kind == .adamw8Bit
        beta2 = try section.value("beta2", .number(0...0.99999), default: isAdam ? 0.95 : 0.99)
        epsilon = try section.value("epsilon", .number(1e-30...1), default: 1e-8)
        movesInBackward = try section.value("in_backward", .flag, default: false)
        let clip: Float = try section.value("clip", .number(0...1e6), default: movesInBackward ? 0 : 1)
        self.clip = clip > 0 ? clip : nil
        guard movesInBackward, clip > 0 else { return }
        throw RunConfigurationError(
            section.place("clip"),
            "the length of a gradient is known when all of it is there, and with in_backward it never is: set clip to 0, or "
                + "leave in_backward out"
        )
    }

    private static func rate(_ kind: Kind, isAdapter: Bool) -> Float {
        switch kind {
        case .adamw, .adamw8Bit: isAdapter ? 2e-4 : 3e-4
        case .lion: isAdapter ? 5e-5 : 6e-5
        case .adafactor: 1e-3
        case .muon: 1e-3
        }
    }
}

/// The learning rate over the run.
public struct ScheduleChoice: Sendable, Hashable {
    public let shape: Schedule.Shape
    /// Shares of the run's steps that lead up to the peak and, for `wsd`, down from it; the share of the peak that is left.
    public let warmUp: Double, decay: Double, floor: Float

    init(_ section: ConfigurationSection) throws {
        shape = try section.value("type", .choice, default: .cosine)
        warmUp = try section.value("warm_up", .share, default: 0.03)
        floor = try section.value("floor", .number(0...1), default: 0.1)
        decay = shape == .wsd ? try section.value("decay", .share, default: 0.2) : 0
    }

    /// The schedule of a run of so many steps.
    public func schedule(peak: Float, steps: Int) -> Schedule {
        Schedule(
            shape,
            peak: peak,
            floor: floor,
            steps: steps,
            warmUp: Int((warmUp * Double(steps)).rounded()),
            decay: max(1, Int((decay * Double(steps)).rounded()))
        )
    }
}
