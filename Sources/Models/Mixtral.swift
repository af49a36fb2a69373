public import Checkpoints
public import Tensors

/// Mixtral (Jiang et al. 2024): Mistral's network with eight feed-forwards in each layer, of which a token goes through two.
public struct Mixtral: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Llama.Configuration(settings)
        let count = try settings.positive("num_local_experts", default: 8)
        let chosen = try settings.experts(chosenFrom: count, default: 2)
        network = try Decoder(c, weights) { layer, w in
            try PreNormBlock(c, w, names: .init(mlp: "block_sparse_moe")) {
                try Llama.Attention(c, layer: layer, $0)
            } mlp: { w in
                Experts(
                    try Linear(c.width, count, w["gate"]),
                    Routing(chosen: chosen),
                    try (0..<count).map { try SwiGLU(c.width, c.mlpWidth, names: ("w1", "w3", "w2"), w["experts"][$0]) }
                )
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }
}

extension Settings {
    /// How many of its `count` experts a row goes to.
    func experts(chosenFrom count: Int, default fallback: Int, key: String = "num_experts_per_tok") throws -> Int {
        let chosen = try positive(key, default: fallback)
        guard chosen <= count else {
            throw CheckpointError.setting(key: key, value: "\(chosen)", expected: "at most the \(count) experts")
        }
        return chosen
    }
}
