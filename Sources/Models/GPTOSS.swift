public import Checkpoints
public import Tensors

/// GPT-OSS (OpenAI 2025): a mixture of experts in every layer, attention with a sink for each head and, in every other layer, over a window
/// only; a bias on every map.
public struct GPTOSS: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings), n = c.network
        network = try Decoder(n, weights) { layer, w in
            try PreNormBlock(n, w) {
                try Attention(c, layer: layer, $0)
            } mlp: { w in
                let experts = try (0..<c.count).map { try SwiGLU(n.width, n.mlpWidth, bias: true, w["experts"][$0]) }
                let router = try Linear(n.width, c.count, bias: true, w["router"]), bound = c.bound
                var mixture = Experts(router, Routing(chosen: c.chosen), experts)
                mixture.activation = { boundedSwiGLU($0, $1, bound: bound) }
                return mixture
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }

    struct Attention: Mixing {
        let maps: HeadMaps, output: Linear, sinks: Tensor, layer: Int, window: Int?

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            let n = c.network, biased = n.bias.queries
            maps = try HeadMaps(
                query: Linear(n.width, n.heads * n.headWidth, bias: biased, w["q_proj"]),
                key: Linear(n.width, n.kvHeads * n.headWidth, bias: biased, w["k_proj"]),
                value: Linear(n.width, n.kvHeads * n.headWidth, bias: biased, w["v_proj"]),
                headWidth: n.headWidth
            )
            output = try Linear(n.heads * n.headWidth, n.width, bias: biased, w["o_proj"])
            sinks = try w.tensor("sinks", [n.heads])
            self.layer = layer
            window = c.isLocal[layer] ? n.window : nil
        }

        var takesBytes: Bool { maps.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = maps(x)
            let q = rotary(consume query, angles), k = rotary(consume key, angles)
            return output(batch.attend(q, k, value, layer: layer, window: window, sinks: sinks))
        }
    }
}

extension GPTOSS {
    struct Configuration {
        let network: Llama.Configuration, count, chosen: Int, bound: Float, isLocal: LocalLayers

        init(_ s: Settings) throws {
            var plain = s
            plain["head_dim"] = s["head_dim"] ?? 64
            plain["attention_bias"] = s["attention_bias"] ?? true
            plain["sliding_window"] = s["sliding_window"] ?? 128
            let n = try Llama.Configuration(plain)
            network = n
            count = try s.positive("num_local_experts", default: 128)
            chosen = try s.experts(chosenFrom: count, default: 4)
            bound = try s.bound("swiglu_limit", default: 7)
            isLocal = try LocalLayers(s, n.layers) { $0 % 2 == 0 }
        }
    }
}
