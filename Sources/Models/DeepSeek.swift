public import Checkpoints
public import Tensors

/// DeepSeek-V2 and V3 (DeepSeek-AI 2024): attention whose keys and values come out of one narrow latent, with a part of each head that
/// turns, neighbours together; and mixtures of many small experts in groups, with shared ones, after the first layers.
///
/// The cache keeps keys and values as attention reads them, not the latent.
public struct DeepSeek: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings), n = c.network
        let rope = try RotaryEmbedding(
            width: c.turning,
            base: n.ropeBase,
            scaling: n.ropeScaling,
            pairing: .neighbours
        )
        network = try Decoder(n, weights, cacheShape: c.cacheShape, rope: rope) { layer, w in
            try PreNormBlock(n, w) {
                try Attention(c, layer: layer, $0)
            } mlp: {
                guard layer >= c.dense else { return try SwiGLU(n.width, n.mlpWidth, $0) }
                return try c.experts.made($0)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }

    /// Multi-head latent attention.
    struct Attention: Mixing {
        let query: [Linear], queryNorm, latentNorm: RMSNorm?, latent, expanded, output: Linear
        let layer: Int, c: Configuration

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            let n = c.network, biased = n.bias.queries
            if let rank = c.queryRank {
                query = [
                    try Linear(n.width, rank, bias: biased, w["q_a_proj"]),
                    try Linear(rank, n.heads * c.keyWidth, w["q_b_proj"]),
                ]
                queryNorm = try RMSNorm(rank, epsilon: 1e-6, w["q_a_layernorm"])
            } else {
                (query, queryNorm) = ([try Linear(n.width, n.heads * c.keyWidth, w["q_proj"])], nil)
            }
            latent = try Linear(n.width, c.rank + c.turning, bias: biased, w["kv_a_proj_with_mqa"])
            latentNorm = try RMSNorm(c.rank, epsilon: 1e-6, w["kv_a_layernorm"])
            expanded = try Linear(c.rank, n.heads * (c.resting + c.valueWidth), w["kv_b_proj"])
            output = try Linear(n.heads * c.valueWidth, n.width, bias: biased, w["o_proj"])
            (self.layer, self.c) = (layer, c)
        }

        var takesBytes: Bool { latent.takesBytes || query[0].takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let rows = batch.count, heads = c.network.heads
            var q = split(queries(x).reshaped(rows, heads, -1), widths: [c.resting, c.turning])
            let y = split(latent(x), widths: [c.rank, c.turning])
            let parts = expanded(latentNorm?(y[0]) ?? y[0]).reshaped(rows, heads, -1)
            let kv = split(parts, widths: [c.resting, c.valueWidth])
            let turned = rotary(y[1].reshaped(rows, 1, c.turning), angles).reshaped(rows, c.turning)
            let shared = joined([Tensor](repeating: turned, count: heads)).reshaped(rows, heads, c.turning)
            let turning = rotary(q.removeLast(), angles)
            let keys = joined([kv[0], shared]), queries = joined([q[0], turning])
            let found = batch.attend(queries, keys, widened(kv[1]), layer: layer, scale: c.scale)
            let values = split(
                found.reshaped(rows, heads, c.keyWidth),
                widths: [c.valueWidth, c.keyWidth - c.valueWidth]
            )
            return output(values[0].reshaped(rows, -1))
        }

        private func queries(_ x: Tensor) -> Tensor {
            let first = query[0](x)
            return query.count > 1 ? query[1](queryNorm?(first) ?? first) : first
        }

        /// Values as wide as keys, as the cache keeps them.
        private func widened(_ values: Tensor) -> Tensor {
            let missing = c.keyWidth - c.valueWidth
            guard missing > 0 else { return values }
            let shape: Shape = [values.shape[0], values.shape[1], missing]
            return joined([values, Tensor([Float](repeating: 0, count: shape.elements), shape: shape)])
        }
    }
}

extension DeepSeek {
    struct Configuration {
        let network: Llama.Configuration
        /// Widths of a head's coordinates that stay and that turn, and of its values; of the latents of queries and of keys and values.
        let resting, turning, valueWidth, rank: Int, queryRank: Int?
        let scale: Float, dense: Int, experts: Mixture

        init(_ s: Settings) throws {
            var plain = s
            plain["head_dim"] = nil
            plain["num_key_value_heads"] = s["num_attention_heads"]
            (resting, turning) = (
                try s.positive("qk_nope_head_dim", default: 128), try s.positive("qk_rope_head_dim", default: 64)
            )
            plain["head_dim"] = .integer(resting + turning)
            plain["partial_rotary_factor"] = nil
            network = try Llama.Configuration(plain)
            valueWidth = try s.positive("v_head_dim", default: 128)
            rank = try s.positive("kv_lora_rank", default: 512)
            queryRank = try s.optional("q_lora_rank")
            guard turning % 2 == 0, valueWidth <= resting + turning else {
                let expected = "even, and the values' width at most \(resting + turning)"
                throw CheckpointError.setting(key: "qk_rope_head_dim", value: "\(turning)", expected: expected)
            }
            scale = try Self.scale(resting + turning, network.ropeScaling)
            dense = try s("first_k_dense_replace", default: 0)
            experts = try Mixture(s, network)
        }

        var keyWidth: Int { resting + turning }
        var cacheShape: CacheShape {
            CacheShape(layers: network.layers, kvHeads: network.heads, headWidth: keyWidth)
        }

        /// YaRN sharpens the scores here, and not the angles alone.
        private static func scale(_ width: Int, _ scaling: Settings?) throws -> Float {
            let scale = 1 / Float(width).squareRoot()
            guard let scaling, let all: Double = try scaling.optional("mscale_all_dim"), all != 0 else { return scale }
            let sharpness = Float(try scaling.yarn().stretch.sharpness(all))
            return scale * sharpness * sharpness
        }
    }

    struct Mixture {
        let width, mlpWidth, count, shared: Int, routing: Routing, isCorrected: Bool

        init(_ s: Settings, _ n: Llama.Configuration) throws {
            isCorrected = try s("model_type", String.self) == "deepseek_v3"
            width = n.width
            mlpWidth = try s.positive("moe_intermediate_size", default: 1407)
            count = try s.positive("n_routed_experts", default: 64)
            shared = try s.optional("n_shared_experts") ?? 0
            routing = Routing(
                isCorrected ? .sigmoid : .softmax,
                chosen: try s.experts(chosenFrom: count, default: isCorrected ? 8 : 6),
                groups: try Self.groups(s, count, best: isCorrected ? 2 : 1),
                isNormalized: try isCorrected && s("norm_topk_prob", default: true),
                scale: try s("routed_scaling_factor", default: 1)
            )
        }

        private static func groups(_ s: Settings, _ count: Int, best: Int) throws -> Routing.Groups? {
            let isGrouped = try best == 2 || s("topk_method", default: "greedy") == "group_limited_greedy"
            guard isGrouped, let groups: Int = try s.optional("n_group"), groups > 1 else { return nil }
            let chosen = try s.positive("topk_group", default: groups)
            guard count % groups == 0, chosen <= groups else {
                let expected = "a divisor of the \(count) experts, and at least topk_group (\(chosen))"
                throw CheckpointError.setting(key: "n_group", value: "\(groups)", expected: expected)
            }
            return Routing.Groups(count: groups, chosen: chosen, best: best)
        }

        func made(_ w: Weights) throws -> Experts {
            Experts(
                try Linear(width, count, w["gate"]),
                routing,
                correction: isCorrected ? try w["gate"].tensor("e_score_correction_bias", [count]) : nil,
                try (0..<count).map { try SwiGLU(width, mlpWidth, w["experts"][$0]) },
                shared: shared > 0 ? try SwiGLU(width, shared * mlpWidth, w["shared_experts"]) : nil
            )
        }
    }
}
