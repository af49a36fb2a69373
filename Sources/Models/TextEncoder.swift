public import Checkpoints
public import Tensors

/// A network that reads whole texts, each token seeing all of its text, and makes a state of each.
///
/// Like a ``LanguageModel`` it is a plain value made from named weights. Adding one takes a file, a line in `encoders` and a
/// golden.
public protocol TextEncoder: Sendable {
    init(_ settings: Settings, _ weights: Weights) throws

    /// How many tokens there are, and how many a text may have.
    var vocabulary: Int { get }
    var positions: Int { get }
    /// The width of a state.
    var width: Int { get }
    /// What attention keeps while a layer is worked out.
    var cacheShape: CacheShape { get }
    /// What scores a whole text, where the checkpoint has such a head.
    var classifier: TextClassifier? { get }

    /// A state for each row: `[rows, width]`.
    func states(_ batch: TextBatch) -> Tensor
}

/// The architectures we know, by the `model_type` of their settings.
let encoders: [String: any TextEncoder.Type] = [
    "bert": BERT.self,
    "modernbert": ModernBERT.self,
    "roberta": RoBERTa.self,
    "xlm-roberta": RoBERTa.self,
]

/// The names of the encoders we know.
public var knownEncoders: [String] { encoders.keys.sorted() }

/// Whether `settings` describe an encoder.
public func isEncoder(_ settings: Settings) -> Bool {
    (try? settings("model_type", String.self)).map { encoders[$0] != nil } ?? false
}

/// Builds the encoder that `settings` describe, from `weights`.
public func encoder(_ settings: Settings, _ weights: Weights) throws -> any TextEncoder {
    let type: String = try settings("model_type")
    guard let family = encoders[type] else { throw ModelError.unknownArchitecture(type, known: knownEncoders) }
    return try family.init(settings, weights)
}

/// Scores for whole texts, from the states of their tokens: what rerankers end in.
public struct TextClassifier: Sendable {
    /// What of a text's states is looked at.
    enum Look: Sendable { case first, mean }

    let look: Look, hidden: Linear?, activation: @Sendable (Tensor) -> Tensor, norm: LayerNorm?, output: Linear

    /// How many scores a text gets.
    public let labels: Int

    /// `states` is that of ``TextEncoder/states(_:)``; the result is `[texts, labels]`, before any softmax or sigmoid.
    public func callAsFunction(_ states: Tensor, _ batch: TextBatch) -> Tensor {
        let firsts = batch.texts.map { Int32($0.lowerBound) }
        var x = look == .first ? gather(states, rows: firsts) : means(states, of: batch.texts)
        if let hidden { x = activation(hidden(x)) }
        return output(norm.map { $0(x) } ?? x)
    }
}

extension Weights {
    /// The number of labels of a head whose last map is in this place: nil where there is none.
    func labels() throws -> Int? { try extra("weight").flatMap { $0.shape.count == 2 ? $0.shape[0] : nil } }
}
