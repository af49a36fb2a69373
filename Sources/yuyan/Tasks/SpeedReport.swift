import Checkpoints
import Models
import Tensors

/// One figure.
struct Measurement: Encodable {
    let kind: Work.Kind, tokens, depth, batch: Int
    /// The median, of all sequences together.
    let tokensPerSecond: Double
    let samples: [Double]
    /// The share of what the machine allows at most, and by what it is bounded.
    let limitShare: Double?, limit: SpeedLimits.Kind?

    init(_ work: Work, _ samples: [Double], _ limits: SpeedLimits) {
        (kind, tokens, depth, batch) = (work.kind, work.tokens, work.depth, work.batch)
        (self.samples, tokensPerSecond) = (samples, samples.median)
        let most = limits.most(work)
        limitShare = most.map { [tokensPerSecond] most in tokensPerSecond / most.tokensPerSecond }
        limit = most?.kind
    }

    var row: [String] {
        let label = Work(kind, tokens, depth: depth, batch: batch).label
        let speed = "\(Figures.decimal(tokensPerSecond, 1)) tokens/s"
        guard let limitShare, let limit else { return [label, speed] }
        return [label, speed, "\(Figures.decimal(limitShare * 100, 0)) % of \(limit.label)"]
    }
}

/// What `bench` measured.
struct SpeedReport: Encodable {
    let model: String, bytes, threads: Int, instructionSet, cacheType: String
    /// Bytes a second that all threads read from memory, before and after.
    let bandwidthProbe: [Double]
    /// Operations a second, a product counting as two: of int8, float32, and bfloat16 where there are such products.
    let arithmeticProbe, floatArithmeticProbe: Double, bfloatArithmeticProbe: Double?
    let loadMilliseconds: Double
    /// The first of each kind, for scripts that want one figure.
    let promptTokens, generatedTokens, batch: Int?
    let promptTokensPerSecond, generationTokensPerSecond: Double?
    let promptSamples, generationSamples: [Double]?
    let measurements: [Measurement]
    /// What only the engine shows; nil where it was not asked for.
    let engine: EngineFigures?
    /// What was asked for and not measured, with the reason.
    let leftOut: [String]

    init(
        model: StoredModel,
        cache: CacheShape,
        limits: SpeedLimits,
        loadMilliseconds: Double,
        measurements: [Measurement],
        engine: EngineFigures?,
        leftOut: [String]
    ) {
        (self.model, bytes, self.loadMilliseconds) = (model.name, model.bytes, loadMilliseconds)
        (threads, instructionSet) = (Threads.count, Tensors.instructionSet)
        cacheType = cache.type.rawValue
        (bandwidthProbe, arithmeticProbe) = (limits.bandwidth, limits.products.int8)
        (floatArithmeticProbe, bfloatArithmeticProbe) = (limits.products.float, limits.products.bfloat)
        (self.measurements, self.engine, self.leftOut) = (measurements, engine, leftOut)
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
            ["products", "\(products), two each"],
            ["load", Figures.decimal(loadMilliseconds, 0) + " ms"],
        ] + measurements.map(\.row) + (engine?.rows(fileBytes: bytes) ?? []) + leftOut.map { ["left out", $0] }
    }

    private var products: String {
        let rates = [(arithmeticProbe, "int8"), (floatArithmeticProbe, "float32"), (bfloatArithmeticProbe, "bfloat16")]
        return rates.compactMap { rate, name in rate.map { "\(Figures.decimal($0 / 1e9, 0)) G/s of \(name)" } }
            .joined(separator: ", ")
    }
}
