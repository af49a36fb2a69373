public import Checkpoints
public import Tensors

/// Hunyuan (Tencent 2024, 2025): Llama's network with a norm on each head's queries and keys after they have been turned; dense, or with a
/// mixture of experts of which one is shared.
public struct Hunyuan: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Llama.Configuration(settings)
        let normed = try settings("use_qk_norm", default: true)
        let mixes = try settings("model_type", String.self) == "hunyuan_v1_moe"
        network = try Decoder(c, weights) { layer, w in
            try PreNormBlock(c, w) {
                try Attention(c, layer: layer, normed: normed, $0)
            } mlp: {
                guard mixes else { return try SwiGLU(c.width, c.mlpWidth, bias: c.mlpBias, $0) }
                return try Hunyuan.experts(settings, c, layer: layer, $0)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }

    struct Attention: Mixing {
        let maps: HeadMaps, output: Linear, queryNorm, keyNorm: RMSNorm?, layer: Int

        init(_ c: Llama.Configuration, layer: Int, normed: Bool, _ w: Weights) throws {
            maps = try HeadMaps(
                query: Linear(c.width, c.heads * c.headWidth, bias: c.bias.queries, w["q_proj"]),
                key: Linear(c.width, c.kvHeads * c.headWidth, bias: c.bias.queries, w["k_proj"]),
                value: Linear(c.width, c.kvHeads * c.headWidth, bias: c.bias.queries, w["v_proj"]),
                headWidth: c.headWidth
            )
            output = try Linear(c.heads * c.headWidth, c.width, bias: c.bias.output, w["o_proj"])
            queryNorm = normed ? try RMSNorm(c.headWidth, epsilon: c.epsilon, w["query_layernorm"]) : nil
            keyNorm = normed ? try RMSNorm(c.headWidth, epsilon: c.epsilon, w["key_layernorm"]) : nil
            self.layer = layer
        }

        var takesBytes: Bool { maps.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = maps(x)
            let q = rotary(consume query, angles), k = rotary(consume key, angles)
            return output(batch.attend(queryNorm?(q) ?? q, keyNorm?(k) ?? k, value, layer: layer))
        }
    }

    private static func experts(
        _ s: Settings,
        _ c: Llama.Configuration,
        layer: Int,
        _ w: Weights
    ) throws -> Experts {
        let count = try s.number("num_experts", layer), width = try s.number("moe_intermediate_size", layer, c.mlpWidth)
        let chosen = try s.number("moe_topk", layer, 1), shared = try s.number("num_shared_expert", layer, 1)
        guard chosen <= count else {
            throw CheckpointError.setting(key: "moe_topk", value: "\(chosen)", expected: "at most the \(count) experts")
        }
        return Experts(
            try Linear(c.width, count, w["gate"]["wg"]),
            Routing(chosen: chosen, leastSum: 1e-8),
            try (0..<count).map { try SwiGLU(c.width, width, w["experts"][$0]) },
            shared: try SwiGLU(c.width, shared * c.mlpWidth, bias: c.mlpBias, w["shared_mlp"])
        )
    }
}

extension Settings {
    /// A size, or each layer's own in a list.
    fileprivate func number(_ key: String, _ layer: Int, _ fallback: Int? = nil) throws -> Int {
        guard case .array? = self[key] else {
            return try fallback.map { try positive(key, default: $0) } ?? positive(key)
        }
        let list: [Int] = try self(key)
        guard list.indices.contains(layer), list[layer] > 0 else {
            throw CheckpointError.setting(key: key, value: "\(list)", expected: "a size for each layer")
        }
        return list[layer]
    }
}
