public import Bundles
import Checkpoints
import Models
import Tensors
public import Text

/// A model that makes a vector of a text, or scores how well a text answers another: an encoder, or a decoder read to its end.
///
/// A value without a queue; ``VectorEngine`` batches what many ask of it.
public struct VectorModel: Sendable {
    /// What clients call it.
    public let name: String
    public let tokenizer: Tokenizer
    /// The most tokens of a text, its special ones included.
    public let contextLength: Int
    /// The length of a vector.
    public let dimensions: Int
    private let network: Network, pooling: EmbeddingDefaults.Pooling, isNormalized: Bool

    private enum Network: Sendable {
        case encoder(any TextEncoder), decoder(any LanguageModel)
    }

    /// Opens a folder in the Hub's layout or a GGUF file.
    ///
    /// - Throws: what opening throws, and ``VectorModelError`` where the parts do not fit.
    public static func open(path: String, name: String, check: FingerprintCheck = .strict) throws -> VectorModel {
        try VectorModel(ModelBundle.open(path, check: check), name: name)
    }

    public init(_ bundle: ModelBundle, name: String) throws {
        let weights = Weights(Packed(bundle.network))
        let network =
            try isEncoder(bundle.settings)
            ? Network.encoder(Models.encoder(bundle.settings, weights))
            : .decoder(Models.model(bundle.settings, weights))
        try self.init(network, bundle, name)
    }

    private init(_ network: Network, _ bundle: ModelBundle, _ name: String) throws {
        (self.network, self.name, tokenizer) = (network, name, try Tokenizer(bundle.tokenizer))
        let most: Int, rows: Int
        switch network {
        case .encoder(let encoder): (most, dimensions, rows) = (encoder.positions, encoder.width, encoder.vocabulary)
        case .decoder(let model):
            dimensions = model.head.weight.shape[1]
            (most, rows) = (try bundle.settings.positive("max_position_embeddings"), model.vocabulary)
        }
        guard tokenizer.vocabularySize <= rows else {
            throw VectorModelError.vocabulary(tokens: tokenizer.vocabularySize, rows: rows)
        }
        let defaults = bundle.embedding
        contextLength = min(most, max(1, defaults?.mostTokens ?? most))
        if case .decoder = network {
            pooling = defaults?.pooling ?? .last
        } else {
            pooling = defaults?.pooling ?? .mean
        }
        isNormalized = defaults?.isNormalized ?? true
    }

    /// Whether it scores a text against another.
    public var ranks: Bool { classifier != nil }

    private var classifier: TextClassifier? {
        if case .encoder(let encoder) = network { encoder.classifier } else { nil }
    }

    /// The ids of a text, with the special ones. What users write is text.
    public func tokens(_ text: String) -> [Int] { tokenizer.encode(text, parseSpecial: false) }
}

/// One text, or two that are read together, as ids.
public struct VectorInput: Sendable, Hashable {
    public let tokens: [Int32], segments: [Int32]?

    public init(_ tokens: [Int]) { (self.tokens, segments) = (tokens.map(Int32.init), nil) }

    public init(_ tokens: [Int], segments: [Int]) {
        (self.tokens, self.segments) = (tokens.map(Int32.init), segments.map(Int32.init))
    }
}

extension VectorModel {
    /// A vector for each text, which depends on that text alone, to the bit.
    ///
    /// - Precondition: each has tokens, at most ``contextLength``, all in the vocabulary.
    public func vectors(_ inputs: [VectorInput]) -> [[Float]] {
        let pooled: Tensor
        switch network {
        case .encoder(let encoder):
            let batch = batch(inputs, encoder)
            pooled = pool(encoder.states(batch), batch.texts)
        case .decoder(let model):
            var rows = 0
            let texts = inputs.map { input in
                defer { rows += input.tokens.count }
                return rows..<rows + input.tokens.count
            }
            let batch = Batch(tokens: inputs.flatMap(\.tokens), documents: texts, for: model.cacheShape)
            pooled = pool(model.states(batch), texts)
        }
        let values = pooled.scalars, width = dimensions
        return inputs.indices.map { finished(Array(values[$0 * width..<($0 + 1) * width])) }
    }

    /// The score of each text, or pair of texts; the higher, the better.
    ///
    /// - Precondition: ``ranks``.
    public func scores(_ inputs: [VectorInput]) -> [Float] {
        guard case .encoder(let encoder) = network, let classifier = encoder.classifier else {
            preconditionFailure("\(name) has no head that scores")
        }
        let batch = batch(inputs, encoder), scores = classifier(encoder.states(batch), batch).scalars
        // One label is a score; of several the last is “relevant”.
        return inputs.indices.map { scores[($0 + 1) * classifier.labels - 1] }
    }

    private func batch(_ inputs: [VectorInput], _ encoder: any TextEncoder) -> TextBatch {
        let segments = inputs.map { $0.segments ?? [Int32](repeating: 0, count: $0.tokens.count) }
        return TextBatch(inputs.map(\.tokens), segments: segments, for: encoder.cacheShape)
    }

    private func pool(_ states: Tensor, _ texts: [Range<Int>]) -> Tensor {
        switch pooling {
        case .first: gather(states, rows: texts.map { Int32($0.lowerBound) })
        case .last: gather(states, rows: texts.map { Int32($0.upperBound - 1) })
        case .mean: means(states, of: texts)
        }
    }

    private func finished(_ vector: [Float]) -> [Float] { isNormalized ? vector.normalized : vector }
}

extension [Float] {
    /// The same direction with length 1; zeros stay zeros.
    public var normalized: [Float] {
        let length = reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return length > 0 ? map { Float(Double($0) / length) } : self
    }
}

/// Why the parts of a model do not make one of vectors.
public enum VectorModelError: Error, Sendable, Hashable, CustomStringConvertible {
    case vocabulary(tokens: Int, rows: Int)

    public var description: String {
        switch self {
        case .vocabulary(let tokens, let rows):
            "the tokenizer has \(tokens) tokens but the network reads \(rows); the folder was put together wrongly"
        }
    }
}
