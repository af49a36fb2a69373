public import Checkpoints
public import Tensors

/// SmolLM3 (Bakouch et al. 2025): Llama's network, in every fourth layer of which nothing turns (Yang et al. 2025, “Rope to Nope and Back
/// Again”).
public struct SmolLM3: LanguageModel {
    let network: Decoder

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Self.configuration(settings), turning = try Self.turning(settings, c.layers)
        network = try Decoder(c, weights) { layer, w in
            try PreNormBlock(c, w) { w in
                let attention = try Llama.Attention(c, layer: layer, w)
                guard !turning[layer] else { return attention }
                return StillAttention(attention: attention)
            } mlp: {
                try SwiGLU(c.width, c.mlpWidth, bias: c.mlpBias, $0)
            }
        }
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }
    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }

    /// No published model has windows, for which the settings have a place.
    private static func configuration(_ s: Settings) throws -> Llama.Configuration {
        guard try !s("use_sliding_window", default: false) else {
            throw CheckpointError.setting(key: "use_sliding_window", value: "true", expected: "false")
        }
        var c = try Llama.Configuration(s)
        c.window = nil
        return c
    }

    /// Whether queries and keys turn, for each layer: a list (in spite of its name, 1 where they do), or the interval of those where they do not.
    private static func turning(_ s: Settings, _ layers: Int) throws -> [Bool] {
        guard let listed: [Int] = try s.optional("no_rope_layers") else {
            let every = try s.positive("no_rope_layer_interval", default: 4)
            return (0..<layers).map { ($0 + 1) % every != 0 }
        }
        guard listed.count == layers, listed.allSatisfy({ 0...1 ~= $0 }) else {
            let expected = "0 or 1 for each of the \(layers) layers"
            throw CheckpointError.setting(key: "no_rope_layers", value: "\(listed)", expected: expected)
        }
        return listed.map { $0 == 1 }
    }

    /// Llama's attention without positions.
    struct StillAttention: Mixing {
        let attention: Llama.Attention

        var takesBytes: Bool { attention.takesBytes }

        func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let (query, key, value) = attention.maps(x)
            return attention.output(
                batch.attend(query, key, value, layer: attention.layer, window: attention.window)
            )
        }
    }
}
