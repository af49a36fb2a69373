public import Checkpoints
public import Tensors

/// ChatGLM 3 and GLM-4-9B as first published (GLM Team 2024): GLM-4's network under the names of its own code, with one map for queries,
/// keys and values.
public struct ChatGLM: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Self.configuration(settings)
        let rope = try RotaryEmbedding(
            width: settings.rotaryWidth(of: c.headWidth, default: 0.5),
            base: c.ropeBase,
            scaling: c.ropeScaling,
            pairing: .neighbours
        )
        network = try Decoder(c, weights, names: Self.names, rope: rope) { layer, w in
            try PreNormBlock(c, w, names: .init(attention: "self_attention")) {
                try FusedAttention(c, layer: layer, name: "query_key_value", output: "dense", $0)
            } mlp: {
                try FusedSwiGLU(c.width, c.mlpWidth, names: ("dense_h_to_4h", "dense_4h_to_h"), $0)
            }
        }
    }

    private static let names = Decoder.Names(
        root: "transformer",
        embedding: "embedding.word_embeddings",
        layers: "encoder.layers",
        norm: "encoder.final_layernorm",
        head: "transformer.output_layer"
    )

    /// Settings tell how much larger than 10,000 the base of the rotations is.
    private static func configuration(_ s: Settings) throws -> Llama.Configuration {
        var s = s
        let ratio: Double = try s("rope_ratio", default: 1)
        s["rope_theta"] = s["rope_theta"] ?? .number(10_000 * ratio)
        var c = try Llama.Configuration(s, turnsWhole: false)
        c.bias = (try s("add_qkv_bias", default: false), false)
        c.window = nil
        return c
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }
}
