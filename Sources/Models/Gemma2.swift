public import Checkpoints
public import Tensors

/// Gemma 2 (Gemma Team 2024): norms before and after each part, GeGLU, local attention in every other layer, and scores, of attention
/// and of the head, that go no further than a bound.
///
/// The weights of its norms come with the one already added, as GGUF files keep them.
public struct Gemma2: LanguageModel {
    let network: Decoder
    private let cap: Float

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings), n = c.network
        cap = c.headCap
        network = try Decoder(n, weights) { layer, w in
            try SandwichBlock(n, w, names: .gemma) {
                try Attention(c, layer: layer, $0)
            } mlp: {
                try GeGLU(n.width, n.mlpWidth, $0)
            }
        }
        .scaled(input: Float(n.width).squareRoot())
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head.capped(cap) }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }

    struct Attention: Mixing {
        let maps: HeadMaps, output: Linear, layer: Int, scale, cap: Float, window: Int?

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            let n = c.network
            maps = try HeadMaps(
                query: Linear(n.width, n.heads * n.headWidth, w["q_proj"]),
                key: Linear(n.width, n.kvHeads * n.headWidth, w["k_proj"]),
                value: Linear(n.width, n.kvHeads * n.headWidth, w["v_proj"]),
                headWidth: n.headWidth
            )
            output = try Linear(n.heads * n.headWidth, n.width, w["o_proj"])
            (self.layer, scale, cap) = (layer, c.scale, c.cap)
            window = c.isLocal[layer] ? n.window : nil
        }

        var takesBytes: Bool { maps.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = maps(x)
            let q = rotary(consume query, angles), k = rotary(consume key, angles)
            return output(batch.attend(q, k, value, layer: layer, scale: scale, window: window, softcap: cap))
        }
    }
}

extension Gemma2 {
    struct Configuration {
        let network: Llama.Configuration
        let scale, cap, headCap: Float, isLocal: LocalLayers

        init(_ s: Settings) throws {
            var s = s
            s["head_dim"] = s["head_dim"] ?? 256
            s["tie_word_embeddings"] = s["tie_word_embeddings"] ?? true
            s["sliding_window"] = s["sliding_window"] ?? 4096
            network = try Llama.Configuration(s)
            isLocal = try LocalLayers(s, network.layers) { $0 % 2 == 0 }
            scale = 1 / Float(try s.positive("query_pre_attn_scalar", default: network.headWidth)).squareRoot()
            cap = try s.bound("attn_logit_softcapping", default: 50)
            headCap = try s.bound("final_logit_softcapping", default: 30)
        }
    }
}

extension Settings {
    /// How far scores go; 0, or null, is as far as they want.
    func bound(_ key: String, default fallback: Float) throws -> Float {
        if self[key] == .null { return 0 }
        let bound: Float = try self(key, default: fallback)
        guard bound >= 0 else { throw CheckpointError.setting(key: key, value: "\(bound)", expected: "from 0 on") }
        return bound
    }
}

/// The gated feed-forward of Shazeer 2020 with GELU's tanh approximation.
struct GeGLU: FeedForward {
    private let inputs: Linear.Several, down: Linear

    init(_ width: Int, _ mlpWidth: Int, _ w: Weights) throws {
        inputs = try .init([Linear(width, mlpWidth, w["gate_proj"]), Linear(width, mlpWidth, w["up_proj"])])
        down = try Linear(mlpWidth, width, w["down_proj"])
    }

    var takesBytes: Bool { inputs.takesBytes }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let y = inputs(x)
        return down(geGLU(y[0], y[1], isRounded: down.takesBytes))
    }
}
