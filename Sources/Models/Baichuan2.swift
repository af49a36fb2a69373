public import Checkpoints
public import Tensors

/// Baichuan 2, 7B (Yang et al. 2023): Llama's network with one map for queries, keys and values, and a head whose rows have length 1.
///
/// The 13B model, whose positions are slopes instead of rotations, is another network.
public struct Baichuan2: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Llama.Configuration(settings)
        guard try settings("num_hidden_layers", Int.self) != 40 else {
            throw ModelError.unsupported(
                "Baichuan with 40 layers has slopes (ALiBi) for positions, which are not supported"
            )
        }
        network = try Decoder(c, weights) { layer, w in
            try PreNormBlock(c, w) {
                try FusedAttention(c, layer: layer, name: "W_pack", $0)
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
