public import Checkpoints
public import Tensors

/// A network that scores what comes next after each token.
///
/// A model is a plain value made from named weights; it knows no file, no sampler and no batch axis. Adding one takes a
/// file, a line in `families` and a golden.
public protocol LanguageModel: Sendable {
    init(_ settings: Settings, _ weights: Weights) throws

    /// The number of tokens it scores.
    var vocabulary: Int { get }
    /// What it keeps of each position.
    var cacheShape: CacheShape { get }

    /// What `head` scores: the normed states of the rows in `batch.outputs`, `[outputs, width]`.
    func states(_ batch: Batch) -> Tensor
    /// The map from states to logits, `[vocabulary, width]`: of its own, or the embedding it is tied to.
    var head: AffineMap { get }
}

extension LanguageModel {
    /// The logits of the rows in `batch.outputs`: `[outputs, vocabulary]`.
    public func callAsFunction(_ batch: Batch) -> Tensor {
        scores(adaptedStates(batch), of: batch.outputs, batch)
    }

    /// What ``states(_:)`` makes of the rows through their adapters.
    package func adaptedStates(_ batch: Batch) -> Tensor {
        batch.adapted.map { $0.applied { states(batch) } } ?? states(batch)
    }

    /// The logits of some rows of a batch from their states.
    package func scores(_ states: Tensor, of rows: [Int32], _ batch: Batch) -> Tensor {
        batch.adapted.map { $0.scores(states, head, of: rows) } ?? linear(states, [head])[0]
    }
}
