public import Checkpoints
public import Tensors

/// Qwen 3 (Yang et al. 2025): Llama's network with a norm on each head's queries and keys.
public struct Qwen3: LanguageModel {
    public let vocabulary: Int, cacheShape: CacheShape
    let embedding: Embedding, blocks: [Block], norm: RMSNorm, rope: RotaryEmbedding
    public let head: AffineMap

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings), n = c.network, w = weights["model"]
        (vocabulary, cacheShape) = (n.vocabulary, n.cacheShape)
        embedding = try Embedding(n.vocabulary, n.width, w["embed_tokens"])
        blocks = try layers(n.layers, w["layers"]) { try Block(c, layer: $0, $1) }
        norm = try RMSNorm(n.width, epsilon: n.epsilon, w["norm"])
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
        let attentionNorm, mlpNorm: RMSNorm, attention: Attention, mlp: SwiGLU, attentionDropout, mlpDropout: Dropout

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            let n = c.network
            attention = try Attention(c, layer: layer, w["self_attn"])
            mlp = try SwiGLU(n.width, n.mlpWidth, w["mlp"])
            let norm = { (name: String) in try RMSNorm(n.width, epsilon: n.epsilon, w[name]) }
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
        let maps: HeadMaps, output: Linear, queryNorm, keyNorm: RMSNorm
        let layer: Int, window: Int?

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            let n = c.network
            maps = try HeadMaps(
                query: Linear(n.width, n.heads * n.headWidth, bias: n.bias.queries, w["q_proj"]),
                key: Linear(n.width, n.kvHeads * n.headWidth, bias: n.bias.queries, w["k_proj"]),
                value: Linear(n.width, n.kvHeads * n.headWidth, bias: n.bias.queries, w["v_proj"]),
                headWidth: n.headWidth
            )
            output = try Linear(n.heads * n.headWidth, n.width, bias: n.bias.output, w["o_proj"])
            queryNorm = try RMSNorm(n.headWidth, epsilon: n.epsilon, w["q_norm"])
            keyNorm = try RMSNorm(n.headWidth, epsilon: n.epsilon, w["k_norm"])
            (self.layer, window) = (layer, layer < c.firstWindow ? nil : n.window)
        }

        var takesBytes: Bool { maps.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = maps(x)
            let q = rotary(queryNorm(query), angles), k = rotary(keyNorm(key), angles)
            return output(batch.attend(q, k, value, layer: layer, window: window))
        }
    }
}

extension Qwen3 {
    struct Configuration {
        let network: Llama.Configuration
        /// From which layer on a row sees a window only.
        let firstWindow: Int

        init(_ s: Settings) throws {
            var s = s
            s["head_dim"] = s["head_dim"] ?? 128
            var network = try Llama.Configuration(s)
            if try !s("use_sliding_window", default: false) { network.window = nil }
            self.network = network
            firstWindow = try s("max_window_layers", default: 28)
        }
    }
}
