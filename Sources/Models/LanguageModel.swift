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

    /// The logits of the rows in `batch.outputs`: `[outputs, vocabulary]`.
    func callAsFunction(_ batch: Batch) -> Tensor
}
