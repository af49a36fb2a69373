import Bundles
import Checkpoints
import Models
import Tensors

/// What a machine and a model's file allow at most (Williams, Waterman & Patterson 2009).
struct SpeedLimits {
    /// Bytes a second read before and after the measurements; operations a second of integer products.
    let bandwidth: [Double], arithmetic: Double
    /// Bytes of the weights that a step reads, operations that a token takes in the layers and in the head.
    private let bytes, layers, head: Double
    /// Bytes of the cache that each earlier position costs a token.
    private let cacheBytes: Double
    /// Whether the products are of integers.
    private let isQuantized: Bool

    init(_ stored: StoredModel, _ cache: CacheShape, _ bandwidth: [Double], _ arithmetic: Double) throws {
        let bundle = try ModelBundle.open(stored.path, check: .ignored), share = try Self.expertShare(bundle)
        let matrices = bundle.weights.entries.filter { $0.shape.count == 2 }
        let inner = matrices.filter { $0.name.contains(/\.(?:layers|h)\.\d+\./) }
        let names = ["lm_head.weight", "output.weight", "model.embed_tokens.weight", "transformer.wte.weight"]
        let last = names.lazy.compactMap { name in matrices.first { $0.name == name } }.first
        func sum(_ entries: [WeightEntry], _ size: (WeightEntry) -> Int) -> Double {
            entries.reduce(0) { $0 + Double(size($1)) * ($1.name.contains(".experts.") ? share : 1) }
        }
        func operations(_ entries: [WeightEntry]) -> Double { sum(entries) { 2 * $0.shape.reduce(1, *) } }
        (self.bandwidth, self.arithmetic) = (bandwidth, arithmetic)
        bytes = sum(inner + [last].compactMap(\.self), \.byteCount)
        (layers, head) = (operations(inner), operations([last].compactMap(\.self)))
        cacheBytes = Double(cache.blockBytes) / Double(CacheShape.blockSize)
        isQuantized = inner.allSatisfy(\.dtype.isQuantized)
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

    /// Tokens a second that nothing on this machine could exceed; nil where it is not known.
    func most(_ work: Work) -> Double? {
        switch work.kind {
        case .prompt: isQuantized ? arithmetic / layers : nil
        case .generation: isQuantized ? min(reading(work), arithmetic / (layers + head)) : reading(work)
        }
    }

    /// Attention's own arithmetic is left out: a deep prompt's share of the limit is lower for it.
    private func reading(_ work: Work) -> Double {
        let past = cacheBytes * (Double(work.depth) + Double(work.tokens) / 2)
        return (bandwidth.max() ?? 0) / (bytes / Double(work.batch) + past)
    }
}

/// One figure.
struct Measurement: Encodable {
    let kind: Work.Kind, tokens, depth, batch: Int
    /// The median, of all sequences together.
    let tokensPerSecond: Double
    let samples: [Double]
    /// The share of what the machine allows at most.
    let limitShare: Double?

    init(_ work: Work, _ samples: [Double], _ limits: SpeedLimits) {
        (kind, tokens, depth, batch) = (work.kind, work.tokens, work.depth, work.batch)
        (self.samples, tokensPerSecond) = (samples, samples.median)
        limitShare = limits.most(work).map { [tokensPerSecond] most in tokensPerSecond / most }
    }

    var row: [String] {
        let what = kind == .prompt ? "prompt of \(tokens)" : "generation of \(batch) x \(tokens)"
        let speed = "\(Figures.decimal(tokensPerSecond, 1)) tokens/s"
        let share = limitShare.map { "\(Figures.decimal($0 * 100, 0)) % of the limit" } ?? ""
        return [depth > 0 ? "\(what) after \(depth)" : what, speed, share]
    }
}

/// What `bench` measured.
struct SpeedReport: Encodable {
    let model: String, bytes, threads: Int, instructionSet, cacheType: String
    /// Bytes a second that all threads read from memory, before and after; operations a second of integer products.
    let bandwidthProbe: [Double], arithmeticProbe: Double
    let loadMilliseconds: Double
    /// The first of each kind, for scripts that want one figure.
    let promptTokens, generatedTokens, batch: Int?
    let promptTokensPerSecond, generationTokensPerSecond: Double?
    let promptSamples, generationSamples: [Double]?
    let measurements: [Measurement]

    init(
        model: StoredModel,
        cache: CacheShape,
        limits: SpeedLimits,
        loadMilliseconds: Double,
        works: [Work],
        samples: [[Double]]
    ) {
        (self.model, bytes, self.loadMilliseconds) = (model.name, model.bytes, loadMilliseconds)
        (threads, instructionSet) = (Threads.count, Tensors.instructionSet)
        cacheType = cache.type.rawValue
        (bandwidthProbe, arithmeticProbe) = (limits.bandwidth, limits.arithmetic)
        measurements = zip(works, samples).map { Measurement($0, $1, limits) }
        let prompt = measurements.first { $0.kind == .prompt },
            generation = measurements.first { $0.kind == .generation }
        (promptTokens, generatedTokens, batch) = (prompt?.tokens, generation?.tokens, generation?.batch)
        (promptTokensPerSecond, promptSamples) = (prompt?.tokensPerSecond, prompt?.samples)
        (generationTokensPerSecond, generationSamples) = (generation?.tokensPerSecond, generation?.samples)
    }

    var rows: [[String]] {
        let bandwidth = bandwidthProbe.map { Figures.decimal($0 / 1e9, 1) }.joined(separator: " then ")
        return [
            ["model", "\(model), \(Figures.bytes(bytes))"],
            ["machine", "\(threads) threads, \(instructionSet), a cache of \(cacheType)"],
            ["bandwidth", "\(bandwidth) GB/s"],
            ["products", "\(Figures.decimal(arithmeticProbe / 1e9, 0)) G/s of int8, two each"],
            ["load", Figures.decimal(loadMilliseconds, 0) + " ms"],
        ] + measurements.map(\.row)
    }
}

extension [Double] {
    fileprivate var median: Double {
        let sorted = sorted()
        return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
    }
}
