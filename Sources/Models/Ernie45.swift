public import Checkpoints
public import Tensors

/// ERNIE 4.5 (Baidu 2025): Llama's network whose rotary positions turn neighbours together, with perhaps a bias on every map; and, in
/// its larger sizes, a mixture of experts after the first layers.
///
/// Choosing experts, a correction is added to their shares, which what they count does not have; all tokens go through shared experts
/// besides.
public struct Ernie45: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        var n = try Llama.Configuration(settings)
        let biased = try settings("use_bias", default: false)
        n.bias = (biased, biased)
        let c = n
        let rope = try RotaryEmbedding(
            width: c.headWidth,
            base: c.ropeBase,
            scaling: c.ropeScaling,
            pairing: .neighbours
        )
        let mixture = try settings("model_type", String.self) == "ernie4_5_moe" ? Mixture(settings, c, biased) : nil
        network = try Decoder(c, weights, rope: rope) { layer, w in
            try PreNormBlock(c, w) {
                try Llama.Attention(c, layer: layer, $0)
            } mlp: { w in
                guard let mixture, mixture.has(layer) else { return try SwiGLU(c.width, c.mlpWidth, bias: biased, w) }
                return try mixture.experts(w)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }

    private struct Mixture {
        let width, mlpWidth, count, shared, first, last, every: Int, routing: Routing, biased: Bool

        init(_ s: Settings, _ c: Llama.Configuration, _ biased: Bool) throws {
            (width, self.biased) = (c.width, biased)
            mlpWidth = try s.positive("moe_intermediate_size", default: 1536)
            count = try s.positive("moe_num_experts", default: 64)
            shared = try s("moe_num_shared_experts", default: 2)
            first = try s("moe_layer_start_index", default: 1)
            let end: Int = try s("moe_layer_end_index", default: -1)
            last = end < 0 ? c.layers - 1 : end
            every = try s.positive("moe_layer_interval", default: 1)
            routing = Routing(
                chosen: try s.experts(chosenFrom: count, default: 6, key: "moe_k"),
                leastSum: try s("moe_norm_min", default: 1e-12)
            )
        }

        func has(_ layer: Int) -> Bool { (layer + 1) % every == 0 && first...max(first, last) ~= layer }

        func experts(_ w: Weights) throws -> Experts {
            Experts(
                try Linear(width, count, w["gate"]),
                routing,
                correction: Tensor(
                    try w["moe_statics"].tensor("e_score_correction_bias", [1, count]).scalars,
                    shape: [count]
                ),
                try (0..<count).map { try SwiGLU(width, mlpWidth, bias: biased, w["experts"][$0]) },
                shared: shared > 0 ? try SwiGLU(width, shared * mlpWidth, bias: biased, w["shared_experts"]) : nil
            )
        }
    }
}
