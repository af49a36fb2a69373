import Bundles
import Checkpoints
import Models
import Tensors

/// Operations a second that this machine makes in registers, a product counting as two.
struct ProductRates {
    /// Of bfloat16 pairs: nil where those weights are turned into floats.
    let int8, float: Double, bfloat: Double?

    static func measured() -> ProductRates {
        .init(int8: measuredArithmetic(), float: measuredFloatArithmetic(), bfloat: measuredPairArithmetic())
    }

    /// What weights of that type are multiplied with, and how fast.
    func rate(_ type: DType) -> (kind: SpeedLimits.Kind, rate: Double) {
        if type.isQuantized { return (.int8, int8) }
        if type == .bfloat16, let bfloat { return (.bfloat16, bfloat) }
        return (.float32, float)
    }
}

/// What a machine and a model's file allow at most (Williams, Waterman & Patterson 2009).
struct SpeedLimits {
    /// What runs out first.
    enum Kind: String, Encodable {
        case bandwidth, int8, bfloat16, float32

        var label: String { self == .bandwidth ? "the limit (bandwidth)" : "the limit (\(rawValue) products)" }
    }

    /// Tokens a second that nothing on this machine could exceed, and why.
    struct Limit {
        let tokensPerSecond: Double, kind: Kind
    }

    /// Bytes a second read before and after the measurements.
    let bandwidth: [Double], products: ProductRates
    /// Bytes of the weights that a step reads, and of the cache that each earlier position costs a token.
    private let bytes, cacheBytes: Double
    /// Seconds of products that a token takes in the layers and in the head.
    private let layers, head: [Kind: Double]

    init(_ stored: StoredModel, _ cache: CacheShape, _ bandwidth: [Double], _ products: ProductRates) throws {
        let bundle = try ModelBundle.open(stored.path, check: .ignored), share = try Self.expertShare(bundle)
        let matrices = bundle.weights.entries.filter { $0.shape.count == 2 }
        let inner = matrices.filter { $0.name.contains(/\.(?:layers|h)\.\d+\./) }
        let names = ["lm_head.weight", "output.weight", "model.embed_tokens.weight", "transformer.wte.weight"]
        let last = names.lazy.compactMap { name in matrices.first { $0.name == name } }.first
        func weight(_ entry: WeightEntry) -> Double { entry.name.contains(".experts.") ? share : 1 }
        func seconds(_ entries: [WeightEntry]) -> [Kind: Double] {
            entries.reduce(into: [:]) { sum, entry in
                let (kind, rate) = products.rate(entry.dtype)
                sum[kind, default: 0] += weight(entry) * 2 * Double(entry.shape.reduce(1, *)) / rate
            }
        }
        (self.bandwidth, self.products) = (bandwidth, products)
        bytes = (inner + [last].compactMap(\.self)).reduce(0) { $0 + weight($1) * Double($1.byteCount) }
        (layers, head) = (seconds(inner), seconds([last].compactMap(\.self)))
        cacheBytes = Double(cache.blockBytes) / Double(CacheShape.blockSize)
    }

    /// Which share of its experts a token goes through.
    private static func expertShare(_ bundle: ModelBundle) throws -> Double {
        let counts = try ["num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"].compactMap {
            try bundle.settings.optional($0, Int.self)
        }
        let chosen = try ["num_experts_per_tok", "moe_k", "moe_topk"].compactMap {
            try bundle.settings.optional($0, Int.self)
        }
        guard let count = counts.first, let chosen = chosen.first, count > 0 else { return 1 }
        return Double(chosen) / Double(count)
    }

    /// The limit of some work; nil where it is not known.
    func most(_ work: Work) -> Limit? {
        switch work.kind {
        case .prompt: multiplying(layers)
        case .generation:
            [reading(work), multiplying(layers.merging(head, uniquingKeysWith: +))].compactMap(\.self).min {
                $0.tokensPerSecond < $1.tokensPerSecond
            }
        }
    }

    /// Attention's own arithmetic is left out: a deep prompt's share of the limit is lower for it.
    private func multiplying(_ seconds: [Kind: Double]) -> Limit? {
        guard let most = seconds.max(by: { $0.value < $1.value }), most.value > 0 else { return nil }
        return Limit(tokensPerSecond: 1 / seconds.values.reduce(0, +), kind: most.key)
    }

    private func reading(_ work: Work) -> Limit? {
        let past = cacheBytes * (Double(work.depth) + Double(work.tokens) / 2)
        let each = bytes / Double(work.batch) + past
        guard let fastest = bandwidth.max(), each > 0 else { return nil }
        return Limit(tokensPerSecond: fastest / each, kind: .bandwidth)
    }
}
