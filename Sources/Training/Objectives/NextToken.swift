public import Models
import Tensors

/// The mean cross-entropy of the next token, over the rows that count.
public struct NextToken: Loss {
    public init() {}

    public var identity: String { "next token" }

    public func count(_ batch: TrainingBatch) -> Int { batch.counted }

    public func callAsFunction(_ network: any LanguageModel, _ batch: TrainingBatch, _ rows: Batch) -> Measured {
        Measured(crossEntropy(network.states(rows), network.head, batch.targets))
    }
}
