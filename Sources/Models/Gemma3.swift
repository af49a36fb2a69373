public import Checkpoints
public import Tensors

/// Gemma 3 (Gemma Team 2025): norms before and after each part and on queries and keys, GeGLU, and local attention in all
/// but every sixth layer.
///
/// The weights of its norms come with the one already added, as GGUF files keep them.
public struct Gemma3: LanguageModel {
    public let vocabulary: Int, cacheShape: CacheShape
    let embedding: Embedding, blocks: [Block], norm: RMSNorm, localRope, globalRope: RotaryEmbedding, inputScale: Float
    public let head: AffineMap

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings), w = weights["model"]
        vocabulary = c.vocabulary
        cacheShape = CacheShape(layers: c.layers, kvHeads: c.kvHeads, headWidth: c.headWidth)
        embedding = try Embedding(c.vocabulary, c.width, w["embed_tokens"])
        blocks = try layers(c.layers, w["layers"]) { try Block(c, layer: $0, $1) }
        norm = try RMSNorm(c.width, epsilon: c.epsilon, w["norm"])
        localRope = try RotaryEmbedding(width: c.headWidth, base: c.localBase)
        globalRope = try RotaryEmbedding(width: c.headWidth, base: c.globalBase, scaling: c.ropeScaling)
        inputScale = Float(c.width).squareRoot()
        head = try c.tied ? embedding.head : Linear(c.width, c.vocabulary, weights["lm_head"]).head
    }

    public func states(_ batch: Batch) -> Tensor {
        let local = localRope.angles(at: batch.positions), global = globalRope.angles(at: batch.positions)
        let states = blocks.reduce(embedding(batch.tokens) * inputScale) { x, block in
            let angles = block.attention.window == nil ? global : local
            return batch.remembers ? block(x, angles, batch) : recomputed { block(x, angles, batch) }
        }
        return norm(batch.selected(states))
    }

    struct Block: Sendable {
        let attentionNorm, attentionOutputNorm, mlpNorm, mlpOutputNorm: RMSNorm
        let attention: Attention, mlp: GeGLU, attentionDropout, mlpDropout: Dropout

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            attention = try Attention(c, layer: layer, w["self_attn"])
            mlp = try GeGLU(c.width, c.mlpWidth, w["mlp"])
            let norm = { (name: String) in try RMSNorm(c.width, epsilon: c.epsilon, w[name]) }
            attentionNorm = try norm("input_layernorm").before(attention.takesBytes)
            attentionOutputNorm = try norm("post_attention_layernorm")
            mlpNorm = try norm("pre_feedforward_layernorm").before(mlp.takesBytes)
            mlpOutputNorm = try norm("post_feedforward_layernorm")
            (attentionDropout, mlpDropout) = (w["self_attn"].residualDropout, w["mlp"].residualDropout)
        }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {
            let h = x + attentionDropout(attentionOutputNorm(attention(attentionNorm(x), angles, batch)))
            return h + mlpDropout(mlpOutputNorm(mlp(mlpNorm(h))))
        }
    }

    struct Attention: Sendable {
        let maps: HeadMaps, output: Linear, queryNorm, keyNorm: RMSNorm
        let layer: Int, scale: Float, window: Int?

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            maps = try HeadMaps(
                query: Linear(c.width, c.heads * c.headWidth, w["q_proj"]),
                key: Linear(c.width, c.kvHeads * c.headWidth, w["k_proj"]),
                value: Linear(c.width, c.kvHeads * c.headWidth, w["v_proj"]),
                headWidth: c.headWidth
            )
            output = try Linear(c.heads * c.headWidth, c.width, w["o_proj"])
            queryNorm = try RMSNorm(c.headWidth, epsilon: c.epsilon, w["q_norm"])
            keyNorm = try RMSNorm(c.headWidth, epsilon: c.epsilon, w["k_norm"])
            (self.layer, scale) = (layer, c.scale)
            window = (layer + 1) % c.pattern == 0 ? nil : c.window
        }

        var takesBytes: Bool { maps.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = maps(x)
            let q = rotary(queryNorm(query), angles), k = rotary(keyNorm(key), angles)
            return output(batch.attend(q, k, value, layer: layer, scale: scale, window: window))
        }
    }
}

extension Gemma3 {
    struct Configuration {
        let vocabulary, width, layers, heads, kvHeads, headWidth, mlpWidth, window, pattern: Int
        let epsilon, scale: Float, localBase, globalBase: Double, ropeScaling: Settings?, tied: Bool

        init(_ s: Settings) throws {
            vocabulary = try s.positive("vocab_size")
            width = try s.positive("hidden_size")
            layers = try s.positive("num_hidden_layers")
            heads = try s.positive("num_attention_heads")
            kvHeads = try s.positive("num_key_value_heads", default: heads)
            headWidth = try s.headWidth(heads, of: width, default: 256)
            mlpWidth = try s.positive("intermediate_size")
            window = try s.positive("sliding_window", default: 512)
            pattern = try s.positive("sliding_window_pattern", default: 6)
            epsilon = try s("rms_norm_eps", default: 1e-6)
            scale = 1 / Float(try s.positive("query_pre_attn_scalar", default: headWidth)).squareRoot()
            localBase = try s("rope_local_base_freq", default: 10_000)
            try s.requireWholeRotation()
            globalBase = try s("rope_theta", default: 1_000_000)
            ropeScaling = try s.ropeScaling()
            tied = try s("tie_word_embeddings", default: true)
        }
    }
}
