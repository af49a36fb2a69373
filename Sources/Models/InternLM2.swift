public import Checkpoints
public import Tensors

/// InternLM 2 (Cai et al. 2024): Llama's network under other names, and with one map for queries, keys and values: for each key head its
/// query heads, the key, the value.
public struct InternLM2: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        var n = try Llama.Configuration(settings)
        let biased = try settings("bias", default: false)
        n.bias = (biased, biased)
        let c = n
        let names = Decoder.Names(embedding: "tok_embeddings", head: "output", first: "attention_norm.weight")
        let parts = PreNormBlock.Names(
            attentionNorm: "attention_norm",
            attention: "attention",
            mlpNorm: "ffn_norm",
            mlp: "feed_forward"
        )
        network = try Decoder(c, weights, names: names) { layer, w in
            try PreNormBlock(c, w, names: parts) {
                try Attention(c, layer: layer, $0)
            } mlp: {
                try SwiGLU(c.width, c.mlpWidth, names: ("w1", "w3", "w2"), $0)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }

    struct Attention: Mixing {
        let input, output: Linear, layer: Int, kvHeads, group, headWidth: Int

        /// - Parameter names: what the family calls the two maps.
        init(
            _ c: Llama.Configuration,
            layer: Int,
            names: (input: String, output: String) = ("wqkv", "wo"),
            _ w: Weights
        ) throws {
            let width = (c.heads + 2 * c.kvHeads) * c.headWidth
            input = try Linear(c.width, width, bias: c.bias.queries, w[names.input])
            output = try Linear(c.heads * c.headWidth, c.width, bias: c.bias.output, w[names.output])
            (self.layer, kvHeads, headWidth, group) = (layer, c.kvHeads, c.headWidth, c.heads / c.kvHeads)
        }

        var takesBytes: Bool { input.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let groups = input(x).reshaped(batch.count, kvHeads, -1)
            var y = split(groups, widths: [group * headWidth, headWidth, headWidth])
                .map { $0.reshaped(batch.count, -1, headWidth) }
            // Taken out, so that nobody else has what turns.
            let value = y.removeLast(), k = rotary(y.removeLast(), angles), q = rotary(y.removeLast(), angles)
            return output(batch.attend(q, k, value, layer: layer))
        }
    }
}
