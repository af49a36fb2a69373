public import Checkpoints
public import Tensors

/// Baichuan 2 (Yang et al. 2023): Llama's network with one map for queries, keys and values, and a head whose rows have length 1.
///
/// The 7B model's positions are rotations, the 13B model's are slopes; it is told by its 40 layers.
public struct Baichuan2: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Llama.Configuration(settings)
        let isSloped = try c.layers == 40 || settings("position_embedding_type", default: "") == "alibi"
        let packed = try settings("packs_queries", default: true) ? "W_pack" : nil
        let shape = isSloped ? try SlopedAttention.cacheShape(c) : nil
        network = try Decoder(c, weights, cacheShape: shape) { layer, w in
            try PreNormBlock(c, w) { w in
                guard !isSloped else { return try SlopedAttention(c, layer: layer, packed: packed, w) }
                return try FusedAttention(c, layer: layer, name: "W_pack", w)
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
