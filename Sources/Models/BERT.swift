public import Checkpoints
public import Tensors

/// BERT (Devlin et al. 2018): learned positions and segments, attention both ways, LayerNorm after each part, GELU.
public struct BERT: TextEncoder {
    public let vocabulary, positions, width: Int
    public let cacheShape: CacheShape
    public let classifier: TextClassifier?
    private let words, places, segments: Embedding, norm: LayerNorm, blocks: [Block]
    /// The number of a text's first place.
    private let firstPlace: Int

    public init(_ settings: Settings, _ weights: Weights) throws {
        try self.init(Configuration(settings), weights, classifier: BERT.pooled(settings, weights))
    }

    /// - Parameter firstPlace: the number of a text's first place; those before it belong to no text.
    init(_ c: Configuration, _ weights: Weights, firstPlace: Int = 0, classifier: TextClassifier?) throws {
        guard c.positions > firstPlace else {
            let expected = "more than \(firstPlace)"
            throw CheckpointError.setting(key: "max_position_embeddings", value: "\(c.positions)", expected: expected)
        }
        let w = weights["embeddings"]
        (vocabulary, positions, width) = (c.vocabulary, c.positions - firstPlace, c.width)
        cacheShape = CacheShape(layers: 1, kvHeads: c.heads, headWidth: c.width / c.heads)
        words = try Embedding(c.vocabulary, c.width, w["word_embeddings"])
        places = try Embedding(c.positions, c.width, w["position_embeddings"])
        segments = try Embedding(c.segments, c.width, w["token_type_embeddings"])
        norm = try c.norm(w["LayerNorm"])
        blocks = try layers(
            c.layers,
            weights["encoder"]["layer"],
            first: "attention.self.query.weight"
        ) { try Block(c, $1) }
        (self.firstPlace, self.classifier) = (firstPlace, classifier)
    }

    public func states(_ batch: TextBatch) -> Tensor {
        let rows = batch.rows, last = Int32(segments.count - 1)
        let embedded =
            words(rows.tokens) + segments(batch.segments.map { min($0, last) })
            + places(rows.positions.map { $0 + Int32(firstPlace) })
        return blocks.reduce(norm(embedded)) { $1($0, rows) }
    }

    struct Block: Sendable {
        let maps: HeadMaps, output, up, down: Linear, attentionNorm, mlpNorm: LayerNorm
        let activation: Activation

        init(_ c: Configuration, _ w: Weights) throws {
            let own = w["attention"]["self"], after = w["attention"]["output"]
            maps = try HeadMaps(
                query: Linear(c.width, c.width, bias: true, own["query"]),
                key: Linear(c.width, c.width, bias: true, own["key"]),
                value: Linear(c.width, c.width, bias: true, own["value"]),
                headWidth: c.width / c.heads
            )
            output = try Linear(c.width, c.width, bias: true, after["dense"])
            attentionNorm = try c.norm(after["LayerNorm"])
            up = try Linear(c.width, c.mlpWidth, bias: true, w["intermediate"]["dense"])
            down = try Linear(c.mlpWidth, c.width, bias: true, w["output"]["dense"])
            mlpNorm = try c.norm(w["output"]["LayerNorm"])
            activation = c.activation
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = maps(x)
            let h = attentionNorm(x + output(batch.attend(query, key, value, layer: 0)))
            return mlpNorm(h + down(activation(up(h))))
        }
    }

    /// Next sentence prediction's pooler, which classifiers are put on.
    private static func pooled(_ settings: Settings, _ weights: Weights) throws -> TextClassifier? {
        guard let labels = try weights["classifier"].labels() else { return nil }
        let width = try settings.positive("hidden_size")
        return TextClassifier(
            look: .first,
            hidden: try Linear(width, width, bias: true, weights["pooler"]["dense"]),
            activation: { tanh($0) },
            norm: nil,
            output: try Linear(width, labels, bias: true, weights["classifier"]),
            labels: labels
        )
    }
}

/// RoBERTa (Liu et al. 2019) and its multilingual version, XLM-R (Conneau et al. 2019): BERT's network, whose places are counted from
/// the number of the padding token on.
public struct RoBERTa: TextEncoder {
    let network: BERT

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try BERT.Configuration(settings), padding: Int = try settings("pad_token_id", default: 1)
        guard 0..<c.positions ~= padding else {
            let expected = "a place below \(c.positions)"
            throw CheckpointError.setting(key: "pad_token_id", value: "\(padding)", expected: expected)
        }
        let w = weights["classifier"], labels = try w["out_proj"].labels()
        let classifier = try labels.map { labels in
            TextClassifier(
                look: .first,
                hidden: try Linear(c.width, c.width, bias: true, w["dense"]),
                activation: { tanh($0) },
                norm: nil,
                output: try Linear(c.width, labels, bias: true, w["out_proj"]),
                labels: labels
            )
        }
        network = try BERT(c, weights, firstPlace: padding + 1, classifier: classifier)
    }

    public var vocabulary: Int { network.vocabulary }
    public var positions: Int { network.positions }
    public var width: Int { network.width }
    public var cacheShape: CacheShape { network.cacheShape }
    public var classifier: TextClassifier? { network.classifier }

    public func states(_ batch: TextBatch) -> Tensor { network.states(batch) }
}

extension BERT {
    enum Activation: String, CaseIterable, Sendable {
        case exact = "gelu", approximate = "gelu_new", pytorch = "gelu_pytorch_tanh"

        func callAsFunction(_ x: Tensor) -> Tensor { self == .exact ? gelu(x) : tanhGELU(x) }
    }

    struct Configuration {
        let vocabulary, width, layers, heads, mlpWidth, positions, segments: Int
        let epsilon: Float, activation: Activation

        init(_ s: Settings) throws {
            vocabulary = try s.positive("vocab_size")
            width = try s.positive("hidden_size")
            layers = try s.positive("num_hidden_layers")
            heads = try s.positive("num_attention_heads")
            _ = try s.headShare(of: width, among: heads)
            mlpWidth = try s.positive("intermediate_size")
            positions = try s.positive("max_position_embeddings", default: 512)
            segments = try s.positive("type_vocab_size", default: 2)
            epsilon = try s("layer_norm_eps", default: 1e-12)
            activation = try s.activation("hidden_act", default: .exact)
            let kind: String = try s("position_embedding_type", default: "absolute")
            guard kind == "absolute" else {
                throw CheckpointError.setting(key: "position_embedding_type", value: kind, expected: "absolute")
            }
        }

        func norm(_ weights: Weights) throws -> LayerNorm {
            try LayerNorm(width, epsilon: epsilon, key: "layer_norm_eps", weights)
        }
    }
}

extension Settings {
    /// An activation by the name that the settings give it.
    func activation<A>(_ key: String, default fallback: A) throws -> A
    where A: RawRepresentable<String> & CaseIterable {
        let name: String = try self(key, default: fallback.rawValue)
        guard let activation = A(rawValue: name) else {
            let expected = A.allCases.map(\.rawValue).joined(separator: ", ")
            throw CheckpointError.setting(key: key, value: "“\(name)”", expected: expected)
        }
        return activation
    }
}
