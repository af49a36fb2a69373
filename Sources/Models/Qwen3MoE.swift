public import Checkpoints
public import Tensors

/// Qwen 3's mixture of experts (Yang et al. 2025): Qwen 3 with many small feed-forwards in most layers.
public struct Qwen3MoE: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Qwen3.Configuration(settings), n = c.network
        let count = try settings.positive("num_experts", default: 128)
        let width = try settings.positive("moe_intermediate_size", default: 768)
        let routing = Routing(
            chosen: try settings.experts(chosenFrom: count, default: 8),
            isNormalized: try settings("norm_topk_prob", default: false)
        )
        let step = try settings.positive("decoder_sparse_step", default: 1)
        let dense: [Int] = try settings("mlp_only_layers", default: [])
        network = try Decoder(n, weights) { layer, w in
            try PreNormBlock(n, w) {
                try Qwen3.Attention(c, layer: layer, $0)
            } mlp: { w in
                guard (layer + 1) % step == 0, !dense.contains(layer) else { return try SwiGLU(n.width, n.mlpWidth, w) }
                let experts = try (0..<count).map { try SwiGLU(n.width, width, w["experts"][$0]) }
                return Experts(try Linear(n.width, count, w["gate"]), routing, experts)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }
}
