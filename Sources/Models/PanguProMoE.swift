public import Checkpoints
public import Tensors

/// openPangu Pro MoE (Tang et al. 2025): Llama's network with biases on the maps of attention and a mixture of grouped experts: a row goes
/// to the best of each group, so that groups on different machines have equal work; besides them to one that is shared.
///
/// What an expert counts is its share of all, times a number that is learnt for each.
public struct PanguProMoE: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        var n = try Llama.Configuration(settings)
        n.bias = (true, true)
        let c = n, mixture = try Mixture(settings, c)
        let dense: [Int] = try settings("mlp_only_layers", default: [])
        network = try Decoder(c, weights) { layer, w in
            try PreNormBlock(c, w) {
                try Llama.Attention(c, layer: layer, $0)
            } mlp: { w in
                guard !dense.contains(layer) else { return try SwiGLU(c.width, c.mlpWidth, w) }
                return try mixture.experts(w)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }

    private struct Mixture {
        let width, mlpWidth, sharedWidth, count, chosen: Int

        init(_ s: Settings, _ c: Llama.Configuration) throws {
            width = c.width
            mlpWidth = try s.positive("moe_intermediate_size", default: 1344)
            sharedWidth = try s("shared_expert_intermediate_size", default: 5376)
            count = try s.positive("num_experts", default: 64)
            chosen = try s.experts(chosenFrom: count, default: 8)
            guard count % chosen == 0 else {
                let expected = "a divisor of the \(count) experts, one of each group of which is chosen"
                throw CheckpointError.setting(key: "num_experts_per_tok", value: "\(chosen)", expected: expected)
            }
            guard 0...Int(Int32.max) ~= sharedWidth else {
                let found = "\(sharedWidth)"
                throw CheckpointError.setting(key: "shared_expert_intermediate_size", value: found, expected: "a width")
            }
        }

        func experts(_ w: Weights) throws -> Experts {
            var experts = Experts(
                try Linear(width, count, w["gate"]),
                Routing(chosen: chosen, takesOneOfEachGroup: true, isNormalized: false),
                try (0..<count).map { try SwiGLU(width, mlpWidth, w["experts"][$0]) },
                shared: sharedWidth > 0 ? try SwiGLU(width, sharedWidth, w["shared_expert"]) : nil
            )
            let gains = try w.tensor("router_scale", [1, count], fill: 1)
            experts.gains = gains.isPacked ? Tensor(gains.scalars, shape: [count, 1]) : gains.reshaped(count, 1)
            return experts
        }
    }
}
