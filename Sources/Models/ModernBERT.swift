public import Checkpoints
public import Tensors

/// ModernBERT (Warner et al. 2024): an encoder with rotary positions, norms before each part, GeGLU, and attention to the
/// neighbourhood in two of three layers. No biases.
public struct ModernBERT: TextEncoder {
    public let vocabulary, positions, width: Int
    public let cacheShape: CacheShape
    public let classifier: TextClassifier?
    private let words: Embedding, embeddingNorm, norm: LayerNorm, blocks: [Block]
    private let globalRope, localRope: RotaryEmbedding

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings)
        (vocabulary, positions, width) = (c.vocabulary, c.positions, c.width)
        cacheShape = CacheShape(layers: 1, kvHeads: c.heads, headWidth: c.width / c.heads)
        words = try Embedding(c.vocabulary, c.width, weights["embeddings"]["tok_embeddings"])
        embeddingNorm = try c.norm(weights["embeddings"]["norm"])
        blocks = try layers(c.layers, weights["layers"], first: "mlp_norm.weight") { try Block(c, layer: $0, $1) }
        norm = try c.norm(weights["final_norm"])
        globalRope = try RotaryEmbedding(width: c.width / c.heads, base: c.globalBase)
        localRope = try RotaryEmbedding(width: c.width / c.heads, base: c.localBase)
        classifier = try ModernBERT.classifier(c, weights)
    }

    public func states(_ batch: TextBatch) -> Tensor {
        let rows = batch.rows, places = rows.positions
        let global = globalRope.angles(at: places), local = localRope.angles(at: places)
        let states = blocks.reduce(embeddingNorm(words(rows.tokens))) { x, block in
            block(x, block.window == nil ? global : local, rows)
        }
        return norm(states)
    }

    struct Block: Sendable {
        let attentionNorm: LayerNorm?, mlpNorm: LayerNorm, input, output, mlpInput, mlpOutput: Linear
        let headWidth: Int, window: Int?, activation: BERT.Activation

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            attentionNorm = layer == 0 ? nil : try c.norm(w["attn_norm"])
            input = try Linear(c.width, 3 * c.width, bias: c.attentionBias, w["attn"]["Wqkv"])
            output = try Linear(c.width, c.width, bias: c.attentionBias, w["attn"]["Wo"])
            mlpNorm = try c.norm(w["mlp_norm"])
            mlpInput = try Linear(c.width, 2 * c.mlpWidth, bias: c.mlpBias, w["mlp"]["Wi"])
            mlpOutput = try Linear(c.mlpWidth, c.width, bias: c.mlpBias, w["mlp"]["Wo"])
            (headWidth, activation) = (c.width / c.heads, c.activation)
            window = c.isLocal[layer] ? c.window : nil
        }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            var y = split(input(attentionNorm.map { $0(x) } ?? x), into: 3)
                .map { $0.reshaped(batch.count, -1, headWidth) }
            // Taken out, so that nobody else has what turns.
            let value = y.removeLast(), k = rotary(y.removeLast(), angles), q = rotary(y.removeLast(), angles)
            let h = x + output(batch.attend(q, k, value, layer: 0, window: window))
            let parts = split(mlpInput(mlpNorm(h)), into: 2)
            return h + mlpOutput(activation(parts[0]) * parts[1])
        }
    }

    private static func classifier(_ c: Configuration, _ weights: Weights) throws -> TextClassifier? {
        guard let labels = try weights["classifier"].labels() else { return nil }
        let activation = c.headActivation
        return TextClassifier(
            look: c.looksAtAll ? .mean : .first,
            hidden: try Linear(c.width, c.width, bias: c.headBias, weights["head"]["dense"]),
            activation: { activation($0) },
            norm: try c.norm(weights["head"]["norm"]),
            output: try Linear(c.width, labels, bias: true, weights["classifier"]),
            labels: labels
        )
    }
}

extension ModernBERT {
    struct Configuration {
        let vocabulary, width, layers, heads, mlpWidth, positions, window: Int
        let epsilon: Float, globalBase, localBase: Double, activation, headActivation: BERT.Activation
        let attentionBias, mlpBias, normBias, headBias, looksAtAll: Bool, isLocal: LocalLayers

        init(_ s: Settings) throws {
            vocabulary = try s.positive("vocab_size", default: 50_368)
            width = try s.positive("hidden_size", default: 768)
            layers = try s.positive("num_hidden_layers", default: 22)
            heads = try s.positive("num_attention_heads", default: 12)
            _ = try s.headShare(of: width, among: heads)
            mlpWidth = try s.positive("intermediate_size", default: 1152)
            positions = try s.positive("max_position_embeddings", default: 8192)
            let every = try s.positive("global_attn_every_n_layers", default: 3)
            isLocal = try LocalLayers(s, layers) { $0 % every != 0 }
            // The neighbourhood is as wide on either side, and a row stands in it itself.
            window = try s.positive("local_attention", default: 128) / 2 + 1
            epsilon = try s("norm_eps", default: 1e-5)
            globalBase = try s("global_rope_theta", default: s("rope_theta", default: 160_000))
            localBase = try s("local_rope_theta", default: s("rope_local_base_freq", default: 10_000))
            activation = try s.activation("hidden_activation", default: .exact)
            headActivation = try s.activation("classifier_activation", default: .exact)
            attentionBias = try s("attention_bias", default: false)
            mlpBias = try s("mlp_bias", default: false)
            normBias = try s("norm_bias", default: false)
            headBias = try s("classifier_bias", default: false)
            looksAtAll = try s("classifier_pooling", default: "cls") == "mean"
        }

        func norm(_ weights: Weights) throws -> LayerNorm {
            try LayerNorm(width, epsilon: epsilon, bias: normBias, key: "norm_eps", weights)
        }
    }
}
