public import Checkpoints
public import Tensors

/// Phi-3, 3.5 and 4 (Abdin et al. 2024): Llama's network with one map for queries, keys and values, one for gate and up, and perhaps
/// only some coordinates of a head that turn.
public struct Phi3: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Llama.Configuration(settings, turnsWhole: false)
        let width = try settings.rotaryWidth(of: c.headWidth)
        let rope = try RotaryEmbedding(width: width, base: c.ropeBase, scaling: c.ropeScaling)
        network = try Decoder(c, weights, rope: rope) { layer, w in
            try PreNormBlock(c, w) {
                try FusedAttention(c, layer: layer, name: "qkv_proj", $0)
            } mlp: {
                try FusedSwiGLU(c.width, c.mlpWidth, $0)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }
}
