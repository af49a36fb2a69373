public import Checkpoints
public import Tensors

/// Qwen 2 and 2.5 (Yang et al. 2024): Llama's network, with a bias on queries, keys and values and none on the output.
public struct Qwen2: LanguageModel {
    let network: Llama

    public init(_ settings: Settings, _ weights: Weights) throws {
        var c = try Llama.Configuration(settings)
        c.bias = (queries: true, output: false)
        if try !settings("use_sliding_window", default: false) { c.window = nil }
        network = try Llama(c, weights)
    }

    public var vocabulary: Int { network.vocabulary }
    public var cacheShape: CacheShape { network.cacheShape }

    public var head: AffineMap { network.head }

    public func states(_ batch: Batch) -> Tensor { network.states(batch) }
}
