public import Checkpoints
public import Tensors

/// 360Zhinao (Qihoo 360 2024): Llama's network with InternLM 2's map for queries, keys and values, which has a bias.
public struct Zhinao: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        var n = try Llama.Configuration(settings)
        n.bias.queries = true
        let c = n
        network = try Decoder(c, weights) { layer, w in
            try PreNormBlock(c, w) {
                try InternLM2.Attention(c, layer: layer, names: ("qkv_proj", "o_proj"), $0)
            } mlp: {
                try SwiGLU(c.width, c.mlpWidth, $0)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }
}
