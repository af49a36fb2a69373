public import Checkpoints
public import Tensors

/// GPT-2 (Radford et al. 2019): learned positions, LayerNorm before each part, one fused map for queries, keys and values, GELU,
/// a bias everywhere.
///
/// All matrices are `[outputs, inputs]`, those too that the Hub's files keep the other way round: `Bundles` turns them.
/// Positions must lie below ``positions``.
public struct GPT2: LanguageModel {
    public let vocabulary: Int, cacheShape: CacheShape
    /// How many positions have an embedding.
    public let positions: Int
    let embedding, positionEmbedding: Embedding, blocks: [Block], norm: LayerNorm
    public let head: AffineMap

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings), w = weights["transformer"]
        (vocabulary, positions) = (c.vocabulary, c.positions)
        cacheShape = CacheShape(layers: c.layers, kvHeads: c.heads, headWidth: c.headWidth)
        embedding = try Embedding(c.vocabulary, c.width, w["wte"])
        positionEmbedding = try Embedding(c.positions, c.width, w["wpe"])
        blocks = try layers(c.layers, w["h"], key: "n_layer", first: "ln_1.weight") { try Block(c, layer: $0, $1) }
        norm = try LayerNorm(c.width, epsilon: c.epsilon, w["ln_f"])
        head = try c.tied ? embedding.head : Linear(c.width, c.vocabulary, weights["lm_head"]).head
    }

    public func states(_ batch: Batch) -> Tensor {
        let embedded = embedding(batch.tokens) + positionEmbedding(batch.positions)
        let states = blocks.reduce(embedded) { x, block in
            batch.remembers ? block(x, batch) : recomputed { block(x, batch) }
        }
        return norm(batch.selected(states))
    }

    struct Block: Sendable {
        let attentionNorm, mlpNorm: LayerNorm, attention: Attention, mlp: MLP, attentionDropout, mlpDropout: Dropout

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            attentionNorm = try LayerNorm(c.width, epsilon: c.epsilon, w["ln_1"])
            attention = try Attention(c, layer: layer, w["attn"])
            mlpNorm = try LayerNorm(c.width, epsilon: c.epsilon, w["ln_2"])
            mlp = try MLP(c, w["mlp"])
            (attentionDropout, mlpDropout) = (w["attn"].residualDropout, w["mlp"].residualDropout)
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch) -> Tensor {
            let h = x + attentionDropout(attention(attentionNorm(x), batch))
            return h + mlpDropout(mlp(mlpNorm(h)))
        }
    }

    struct Attention: Sendable {
        let input, output: Linear, layer: Int, headWidth: Int, scale: Float

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            input = try Linear(c.width, 3 * c.width, bias: true, w["c_attn"])
            output = try Linear(c.width, c.width, bias: true, gain: c.residualGain, w["c_proj"])
            (self.layer, headWidth, scale) = (layer, c.headWidth, c.scale(layer))
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let y = split(input(x), into: 3).map { $0.reshaped(batch.count, -1, headWidth) }
            return output(batch.attend(y[0], y[1], y[2], layer: layer, scale: scale))
        }
    }

    struct MLP: Sendable {
        let input, output: Linear, activation: Activation

        init(_ c: Configuration, _ w: Weights) throws {
            input = try Linear(c.width, c.mlpWidth, bias: true, w["c_fc"])
            output = try Linear(c.mlpWidth, c.width, bias: true, gain: c.residualGain, w["c_proj"])
            activation = c.activation
        }

        func callAsFunction(_ x: Tensor) -> Tensor { output(activation(input(x))) }
    }

    /// `activation_function` of config.json.
    enum Activation: String, CaseIterable, Sendable {
        case exact = "gelu", approximate = "gelu_new", pytorch = "gelu_pytorch_tanh"

        func callAsFunction(_ x: Tensor) -> Tensor { self == .exact ? gelu(x) : tanhGELU(x) }
    }
}

extension GPT2 {
    struct Configuration {
        let vocabulary, width, layers, heads, headWidth, mlpWidth, positions: Int
        let epsilon: Float, activation: Activation, tied: Bool
        /// Whether scores are divided by the root of the head width, and by the number of the layer.
        let isScaled, isScaledByLayer: Bool

        init(_ s: Settings) throws {
            vocabulary = try s.positive("vocab_size")
            width = try s.positive("hidden_size")
            layers = try s.positive("num_hidden_layers")
            heads = try s.positive("num_attention_heads")
            headWidth = try s.headShare(of: width, among: heads)
            mlpWidth = try s.positive("intermediate_size", default: 4 * width)
            positions = try s.positive("max_position_embeddings")
            epsilon = try s("layer_norm_epsilon", default: 1e-5)
            activation = try Configuration.activation(s("activation_function", default: "gelu_new"))
            tied = try s("tie_word_embeddings", default: true)
            isScaled = try s("scale_attn_weights", default: true)
            isScaledByLayer = try s("scale_attn_by_inverse_layer_idx", default: false)
            guard try !s("add_cross_attention", default: false) else {
                throw ModelError.unsupported("a GPT-2 with cross-attention is not supported")
            }
        }

        func scale(_ layer: Int) -> Float {
            (isScaled ? 1 / Float(headWidth).squareRoot() : 1) / (isScaledByLayer ? Float(layer + 1) : 1)
        }

        /// What fresh maps into the residual stream are made smaller by, so that it does not grow with the depth.
        var residualGain: Float { 1 / Float(2 * layers).squareRoot() }

        private static func activation(_ name: String) throws -> Activation {
            guard let activation = Activation(rawValue: name) else {
                let expected = Activation.allCases.map(\.rawValue).joined(separator: ", ")
                throw CheckpointError.setting(key: "activation_function", value: "“\(name)”", expected: expected)
            }
            return activation
        }
    }
}
