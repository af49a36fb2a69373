public import Checkpoints
public import Tensors

/// GLM-4 (GLM Team 2024, and its 0414 version): half of each head's coordinates turn, neighbours together; one map for gate and up; a bias
/// on queries, keys and values; in the later version norms after each part too.
public struct GLM4: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        var c = try Llama.Configuration(settings, turnsWhole: false)
        c.bias.output = false
        let width = try settings.rotaryWidth(of: c.headWidth, default: 0.5)
        let rope = try RotaryEmbedding(
            width: width,
            base: c.ropeBase,
            scaling: c.ropeScaling,
            pairing: .neighbours
        )
        let isSandwiched = try settings("model_type", String.self) == "glm4", n = c
        network = try Decoder(n, weights, rope: rope) { layer, w in
            let attention = { try Llama.Attention(n, layer: layer, $0) as any Mixing }
            let mlp = { try FusedSwiGLU(n.width, n.mlpWidth, $0) as any FeedForward }
            guard isSandwiched else { return try PreNormBlock(n, w, attention: attention, mlp: mlp) }
            return try SandwichBlock(n, w, names: GLM4.names, attention: attention, mlp: mlp)
        }
    }

    private static let names = SandwichBlock.Names(
        attention: "input_layernorm",
        attentionOutput: "post_self_attn_layernorm",
        mlp: "post_attention_layernorm",
        mlpOutput: "post_mlp_layernorm"
    )

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }
}
