public import Models
public import Tensors

/// What is made small: a scalar function of a network and a batch.
public protocol Loss: Sendable {
    /// Its name and settings. A run is only continued with those it began with.
    var identity: String { get }

    /// How many there are of what the loss is a mean over: tokens, or pairs. Batches weigh by it; one of none is left out.
    func count(_ batch: TrainingBatch) -> Int

    /// The mean loss, in nats, and what was measured beside it.
    ///
    /// - Parameter rows: the rows of the batch, for this network.
    /// - Throws: ``TrainingError`` where the batch is not of the kind that the loss is made for.
    func callAsFunction(_ network: any LanguageModel, _ batch: TrainingBatch, _ rows: Batch) throws -> Measured
}

/// A loss, and what was measured beside it.
public struct Measured: Sendable {
    /// A scalar.
    public let loss: Tensor
    /// Means over the same as the loss, by name.
    public let metrics: [String: Double]

    public init(_ loss: Tensor, metrics: [String: Double] = [:]) { (self.loss, self.metrics) = (loss, metrics) }
}
