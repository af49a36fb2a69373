public import Checkpoints
public import Models
public import Tensors

/// What a run makes smaller: a loss, as a function of the weights.
public struct Objective: Sendable {
    /// The arithmetic of matrix products. Parameters are float32 all the same, and so is an adapter's arithmetic.
    public enum Precision: String, Sendable, Codable, CaseIterable {
        case float32, bfloat16, float16

        var dtype: DType {
            switch self {
            case .float32: .float32
            case .bfloat16: .bfloat16
            case .float16: .float16
            }
        }
    }

    public let settings: Settings
    public let precision: Precision
    /// What lies beneath the parameters, such as the file that an adapter adapts: packed when it is first asked for.
    public let base: (any WeightSource)?
    /// How the parameters change the base; nil where they are a network's own.
    public let adapter: Adapter?
    public var loss: any Loss
    /// The share of what each block adds that a step leaves out, from 0 to below 1.
    public var dropout: Float = 0
    /// What decides what a step leaves out.
    public var seed: UInt64 = 0
    /// Whether what a block works out on the way is remembered for its gradient, or worked out again: slower by a third, in the
    /// memory of one block.
    public var remembers = true

    /// - Precondition: an adapter has a base.
    public init(
        _ settings: Settings,
        precision: Precision = .bfloat16,
        base: (any WeightSource)? = nil,
        adapter: Adapter? = nil,
        loss: any Loss = NextToken()
    ) {
        precondition(adapter == nil || base != nil, "an adapter needs what it adapts")
        (self.settings, self.precision, self.adapter, self.loss) = (settings, precision, adapter, loss)
        self.base = base.map { Remembered(Packed($0)) }
    }

    /// What a run that goes on must have in common with the one that began.
    var identity: String {
        let adapted =
            adapter.map { "\($0.kind) \($0.scaling) \($0.rank) \($0.alpha) \($0.dropout) \($0.targets)" } ?? "whole"
        return "\(precision) \(adapted) \(loss.identity) \(dropout) \(seed)"
    }

    /// Parameters to begin with, an adapter's or a new network's, drawn by name: the same whenever they are drawn with one seed.
    public func fresh(seed: UInt64) throws -> [String: Tensor] {
        if let adapter, let base { return try adapter.fresh(settings, over: base, seed: seed) }
        let source = RandomWeights(seed: seed)
        _ = try model(settings, Weights(source))
        return source.tensors
    }

    /// The network as it serves: from these parameters, in this precision; at a moment of a run, as it learns.
    public func network(_ parameters: [String: Tensor], at moment: Moment? = nil) throws -> any LanguageModel {
        let plan = DropoutPlan(residual: dropout, adapter: adapter?.dropout ?? 0, seed: moment?.seed(seed) ?? 0)
        return try model(settings, Weights(source(parameters), dropout: moment == nil ? DropoutPlan() : plan))
    }

    /// A network that does not learn, to compare with: the base alone, or parameters as they are at the beginning.
    public func reference(_ parameters: [String: Tensor] = [:]) throws -> any LanguageModel {
        try model(settings, Weights(Packed(source(parameters.mapValues(\.detached)))))
    }

    private func source(_ parameters: [String: Tensor]) -> any WeightSource {
        if let adapter, let base { return Overlay(adapter.opened(parameters), base) }
        let weights = Narrowed(parameters, precision.dtype)
        return base.map { Overlay(weights, $0) } ?? weights
    }

    /// The loss of a batch; at a moment of a run, as it learns.
    public func callAsFunction(
        _ parameters: [String: Tensor],
        _ batch: TrainingBatch,
        at moment: Moment? = nil
    ) throws -> Measured {
        let network = try network(parameters, at: moment)
        var rows = Batch(tokens: batch.tokens, documents: batch.documents, for: network.cacheShape)
        rows.remembers = remembers
        return try loss(network, batch, rows)
    }

    /// The mean loss of several batches, and what else is measured, without learning.
    public func evaluate(_ parameters: [String: Tensor], _ batches: [TrainingBatch]) throws -> (
        loss: Double, metrics: [String: Double]
    ) {
        let count = batches.reduce(0) { $0 + loss.count($1) }
        var sum = WeightedMean()
        for batch in batches where loss.count(batch) > 0 {
            sum.add(try self(parameters, batch), share: Double(loss.count(batch)) / Double(count))
        }
        return (sum.loss, sum.metrics)
    }
}

/// A batch's place in a run: what is drawn at random in it depends on that alone.
public struct Moment: Sendable, Hashable {
    /// The step, and the batch of those that make it; both count from 0.
    public var step: Int, batch: Int

    public init(step: Int, batch: Int = 0) { (self.step, self.batch) = (step, batch) }

    /// SplitMix64's last rounds (Steele, Lea & Flood 2014), once for each number.
    func seed(_ seed: UInt64) -> UInt64 {
        [UInt64(bitPattern: Int64(step)), UInt64(bitPattern: Int64(batch))].reduce(seed) { state, number in
            var z = (state ^ number) &+ 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}

/// Losses and what was measured beside them, weighed by their share of the whole.
struct WeightedMean {
    private(set) var loss = 0.0, metrics: [String: Double] = [:]

    mutating func add(_ measured: Measured, share: Double) {
        loss += Double(measured.loss.scalars[0]) * share
        metrics.merge(measured.metrics.mapValues { $0 * share }) { $0 + $1 }
    }
}

/// Refuses a number of a person's that is out of its range.
func check(_ name: String, _ value: Float, _ expected: String, _ isRight: (Float) -> Bool) throws {
    guard isRight(value) else { throw TrainingError.setting(name: name, value: "\(value)", expected: expected) }
}
