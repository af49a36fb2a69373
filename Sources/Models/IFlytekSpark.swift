public import Checkpoints
public import Tensors

/// iFlytekSpark (iFlytek 2024): a decoder with LayerNorm before each part, rotary positions, attention over a window, a gated feed-forward
/// with GELU whose gate and up are one map, gate first, and a bias on every map.
public struct IFlytekSpark: LanguageModel {
    public let vocabulary: Int, cacheShape: CacheShape
    let embedding: Embedding, blocks: [Block], norm: LayerNorm, rope: RotaryEmbedding
    public let head: AffineMap

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings), n = c.network, w = weights["model"]
        (vocabulary, cacheShape) = (n.vocabulary, n.cacheShape)
        embedding = try Embedding(n.vocabulary, n.width, w["embed_tokens"])
        blocks = try layers(n.layers, w["layers"]) { try Block(c, layer: $0, $1) }
        norm = try c.norm(w["norm"])
        rope = try RotaryEmbedding(width: n.headWidth, base: n.ropeBase, scaling: n.ropeScaling)
        head = try n.tied ? embedding.head : Linear(n.width, n.vocabulary, weights["lm_head"]).head
    }

    public func states(_ batch: Batch) -> Tensor {
        let angles = rope.angles(at: batch.positions)
        let states = blocks.reduce(embedding(batch.tokens)) { x, block in
            batch.remembers ? block(x, angles, batch) : recomputed { block(x, angles, batch) }
        }
        return norm(batch.selected(states))
    }

    struct Block: Sendable {
        let attentionNorm, mlpNorm: LayerNorm, attention: Attention, mlp: MLP, attentionDropout, mlpDropout: Dropout

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            attentionNorm = try c.norm(w["input_layernorm"])
            attention = try Attention(c.network, layer: layer, w["self_attn"])
            mlpNorm = try c.norm(w["post_attention_layernorm"])
            mlp = try MLP(c.network, w["mlp"])
            (attentionDropout, mlpDropout) = (w["self_attn"].residualDropout, w["mlp"].residualDropout)
        }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {
            let h = x + attentionDropout(attention(attentionNorm(x), angles, batch))
            return h + mlpDropout(mlp(mlpNorm(h)))
        }
    }

    struct Attention: Mixing {
        let maps: HeadMaps, output: Linear, layer: Int, window: Int?

        init(_ c: Llama.Configuration, layer: Int, _ w: Weights) throws {
            maps = try HeadMaps(
                query: Linear(c.width, c.heads * c.headWidth, bias: true, w["q_proj"]),
                key: Linear(c.width, c.kvHeads * c.headWidth, bias: true, w["k_proj"]),
                value: Linear(c.width, c.kvHeads * c.headWidth, bias: true, w["v_proj"]),
                headWidth: c.headWidth
            )
            output = try Linear(c.heads * c.headWidth, c.width, bias: true, w["dense"])
            (self.layer, window) = (layer, c.window)
        }

        var takesBytes: Bool { maps.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = maps(x)
            let q = rotary(consume query, angles), k = rotary(consume key, angles)
            return output(batch.attend(q, k, value, layer: layer, window: window))
        }
    }

    struct MLP: Sendable {
        let input, output: Linear

        init(_ c: Llama.Configuration, _ w: Weights) throws {
            input = try Linear(c.width, 2 * c.mlpWidth, bias: true, w["dense_h_to_4h"])
            output = try Linear(c.mlpWidth, c.width, bias: true, w["dense_4h_to_h"])
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            let y = split(input(x), into: 2)
            return output(geGLU(y[0], y[1]))
        }
    }

    struct Configuration {
        let network: Llama.Configuration
        private let epsilon: Float

        init(_ s: Settings) throws {
            network = try Llama.Configuration(s)
            epsilon = try s("layer_norm_eps", default: 1e-5)
        }

        func norm(_ w: Weights) throws -> LayerNorm {
            try LayerNorm(network.width, epsilon: epsilon, key: "layer_norm_eps", w)
        }
    }
}
