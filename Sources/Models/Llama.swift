public import Checkpoints
public import Tensors

/// Llama (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, SwiGLU.
///
/// Mistral is the same network with other settings.
public struct Llama: LanguageModel {
    public let vocabulary: Int, cacheShape: CacheShape
    let embedding: Embedding, blocks: [Block], norm: RMSNorm, rope: RotaryEmbedding
    public let head: AffineMap

    public init(_ settings: Settings, _ weights: Weights) throws {
        try self.init(Configuration(settings), weights)
    }

    init(_ c: Configuration, _ weights: Weights) throws {
        let w = weights["model"]
        (vocabulary, cacheShape) = (c.vocabulary, c.cacheShape)
        embedding = try Embedding(c.vocabulary, c.width, w["embed_tokens"])
        blocks = try layers(c.layers, w["layers"]) { try Block(c, layer: $0, $1) }
        norm = try RMSNorm(c.width, epsilon: c.epsilon, w["norm"])
        rope = try RotaryEmbedding(width: c.headWidth, base: c.ropeBase, scaling: c.ropeScaling)
        head = try c.tied ? embedding.head : Linear(c.width, c.vocabulary, weights["lm_head"]).head
    }

    public func states(_ batch: Batch) -> Tensor {
        let angles = rope.angles(at: batch.positions)
        let states = blocks.reduce(embedding(batch.tokens)) { x, block in
            batch.remembers ? block(x, angles, batch) : recomputed { block(x, angles, batch) }
        }
        return norm(batch.selected(states))
    }

    struct Block: Sendable {
        let attentionNorm, mlpNorm: RMSNorm, attention: Attention, mlp: SwiGLU, attentionDropout, mlpDropout: Dropout

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            attention = try Attention(c, layer: layer, w["self_attn"])
            mlp = try SwiGLU(c.width, c.mlpWidth, bias: c.mlpBias, w["mlp"])
            let norm = { (name: String) in try RMSNorm(c.width, epsilon: c.epsilon, w[name]) }
            attentionNorm = try norm("input_layernorm").before(attention.takesBytes)
            mlpNorm = try norm("post_attention_layernorm").before(mlp.takesBytes)
            (attentionDropout, mlpDropout) = (w["self_attn"].residualDropout, w["mlp"].residualDropout)
        }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {
            let h = x + attentionDropout(attention(attentionNorm(x), angles, batch))
            return h + mlpDropout(mlp(mlpNorm(h)))
        }
    }

    struct Attention: Mixing {
        let maps: HeadMaps, output: Linear, layer: Int, window: Int?

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            maps = try HeadMaps(
                query: Linear(c.width, c.heads * c.headWidth, bias: c.bias.queries, w["q_proj"]),
                key: Linear(c.width, c.kvHeads * c.headWidth, bias: c.bias.queries, w["k_proj"]),
                value: Linear(c.width, c.kvHeads * c.headWidth, bias: c.bias.queries, w["v_proj"]),
                headWidth: c.headWidth
            )
            output = try Linear(c.heads * c.headWidth, c.width, bias: c.bias.output, w["o_proj"])
            (self.layer, window) = (layer, c.window)
        }

        var takesBytes: Bool { maps.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = maps(x)
            let q = rotary(consume query, angles), k = rotary(consume key, angles)
            return output(batch.attend(q, k, value, layer: layer, window: window))
        }
    }
}

extension Llama {
    struct Configuration {
        let vocabulary, width, layers, heads, kvHeads, headWidth, mlpWidth: Int
        let epsilon: Float, ropeBase: Double, ropeScaling: Settings?
        let mlpBias, tied: Bool
        /// How many positions a row sees; nil for all.
        var window: Int?
        /// Which attention maps have a bias; keys and values do as queries do.
        var bias: (queries: Bool, output: Bool)

        /// - Parameter turnsWhole: whether all coordinates of a head must turn.
        init(_ s: Settings, turnsWhole: Bool = true) throws {
            vocabulary = try s.positive("vocab_size")
            width = try s.positive("hidden_size")
            layers = try s.positive("num_hidden_layers")
            heads = try s.positive("num_attention_heads")
            kvHeads = try s.positive("num_key_value_heads", default: heads)
            headWidth = try s.headWidth(heads, of: width)
            mlpWidth = try s.positive("intermediate_size")
            epsilon = try s("rms_norm_eps", default: 1e-6)
            if turnsWhole { try s.requireWholeRotation() }
            ropeBase = try s("rope_theta", default: 10_000)
            ropeScaling = try s.ropeScaling()
            window = try s.optional("sliding_window")
            let biased = try s("attention_bias", default: s("bias", default: false))
            bias = (biased, biased)
            mlpBias = try s("mlp_bias", default: false)
            tied = try s("tie_word_embeddings", default: false)
        }

        var cacheShape: CacheShape { CacheShape(layers: layers, kvHeads: kvHeads, headWidth: headWidth) }
    }
}
