public import Checkpoints
public import Tensors

/// MiniCPM (Hu et al. 2024): Llama's network in the scales of maximal update parametrisation: embeddings, what each block adds, and the
/// states that the head scores are multiplied by numbers of the settings.
public struct MiniCPM: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Llama.Configuration(settings)
        let depth: Float = try settings("scale_depth", default: 1),
            base = try settings.positive("dim_model_base", default: c.width)
        let share = depth / Float(c.layers).squareRoot()
        network = try Decoder(c, weights) { layer, w in
            try PreNormBlock(c, w) {
                try Llama.Attention(c, layer: layer, $0)
            } mlp: {
                try SwiGLU(c.width, c.mlpWidth, bias: c.mlpBias, $0)
            }
            .adding(share)
        }
        .scaled(input: try settings("scale_emb", default: 1), output: Float(base) / Float(c.width))
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }
}
