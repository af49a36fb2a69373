public import Checkpoints
public import Models
public import Tensors

/// What a run makes smaller: the mean loss of the next token, as a function of the weights.
public struct Objective: Sendable {
    /// The arithmetic of matrix products. Parameters are float32 all the same.
    public enum Precision: String, Sendable, Codable, CaseIterable {
        case float32, bfloat16
    }

    public let settings: Settings
    public let precision: Precision
    /// What lies beneath the parameters, such as the file that an adapter adapts.
    public let base: (any WeightSource)?

    public init(_ settings: Settings, precision: Precision = .bfloat16, base: (any WeightSource)? = nil) {
        (self.settings, self.precision, self.base) = (settings, precision, base)
    }

    /// Parameters of a new network, drawn by name: the same whenever they are drawn with one seed.
    public func fresh(seed: UInt64) throws -> [String: Tensor] {
        let source = RandomWeights(seed: seed)
        _ = try model(settings, Weights(source))
        return source.tensors
    }

    /// The network as it serves: from these parameters, in this precision.
    public func network(_ parameters: [String: Tensor]) throws -> any LanguageModel {
        let weights = parameters.mapValues {
            $0.shape.count >= 2 && precision == .bfloat16 ? $0.cast(to: .bfloat16) : $0
        }
        guard let base else { return try model(settings, Weights(weights)) }
        return try model(settings, Weights(Overlay(weights, base)))
    }

    /// The mean loss over the rows that count, in nats.
    public func callAsFunction(_ parameters: [String: Tensor], _ batch: TrainingBatch) throws -> Tensor {
        let network = try network(parameters)
        let rows = Batch(tokens: batch.tokens, documents: batch.documents, for: network.cacheShape)
        return crossEntropy(network.states(rows), network.head, batch.targets)
    }

    /// The mean loss over the rows that count of several batches, without learning.
    public func loss(_ parameters: [String: Tensor], _ batches: [TrainingBatch]) throws -> Double {
        var loss = 0.0, counted = 0
        for batch in batches where batch.counted > 0 {
            loss += Double(try self(parameters, batch).scalars[0]) * Double(batch.counted)
            counted += batch.counted
        }
        return loss / Double(max(1, counted))
    }
}
