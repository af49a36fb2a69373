import ArgumentParser
import Bundles
import Checkpoints
import Foundation
import Inference
import Models
import Tensors

/// How much of the machine a model may use, and where the settings are.
struct ModelOptions: ParsableArguments {
    @Option(.context) var context: Int?
    @Option(.threads) var threads: Int?
    @Option(.cpus) var cpus: ProcessorList?
    @Option(.draftModel) var draftModel: String?
    @Option(.cacheType) var cacheType: CacheType?

    @Option(help: ArgumentHelp("The file of settings; yuyan serve --help tells more.", valueName: "file"))
    var config: String?

    @Flag(help: "Open a model though its tokenizer or template is not the one it was made with.")
    var ignoreFingerprint = false

    /// Flags are the command's own; these are the places where it looks besides.
    func layers() throws(ConfigurationError) -> Layers {
        let environment = ProcessInfo.processInfo.environment
        return Layers(environment: environment, file: try ConfigurationFile.found(config, environment))
    }

    /// What holds where nothing but the machine is to be set.
    func machine() throws(ConfigurationError) -> Machine {
        var layers = try layers()
        return try Machine(self, &layers)
    }

    /// The model of that name or path; without one, the default model or else whatever is in the store.
    static func locate(_ model: String?) throws -> StoredModel {
        let store = ModelStore()
        if let model { return try store.locate(model) }
        for name in [Catalogue.defaultModel, Catalogue.smallModel] {
            do { return try store.locate(name) } catch StoreError.notPulled {}
        }
        if let stored = try store.list().first { return stored }
        throw BadInput("no model is here yet: yuyan pull \(Catalogue.smallModel) fetches a small one (98 MB)")
    }
}

/// How much of the machine a model gets.
struct Machine {
    let context: Int?, workers: Workers, cacheType: CacheType, fingerprints: FingerprintCheck
    var draftModel: String?
    /// Whether the context is for several models: each has as much of it as it can.
    var sharesContext = false

    init(_ flags: ModelOptions, _ layers: inout Layers) throws(ConfigurationError) {
        context = try layers.read(.context, flag: flags.context)
        workers = try Workers(threads: flags.threads, cpus: flags.cpus, &layers)
        draftModel = try layers.read(.draftModel, flag: flags.draftModel)
        fingerprints = flags.ignoreFingerprint ? .ignored : .strict
        cacheType = try layers.read(.cacheType, flag: flags.cacheType, default: Engine.Options().cacheType)
    }

    /// How a command runs its model that has no more to say about it.
    var engine: Engine.Options {
        var options = Engine.Options()
        options.cacheType = cacheType
        return options
    }

    /// Opens a model of the store, a file, or a folder; an adapter's base is looked for in the store.
    func open(_ stored: StoredModel, name: String? = nil) throws -> ServedModel {
        try workers.claim()
        var options = ServedModel.Options(contextLength: context, fingerprints: fingerprints)
        options.clampsContext = sharesContext
        let model = try naming(stored.path) {
            try writing {
                try ServedModel.open(path: stored.path, name: name ?? stored.name, options: options) { base in
                    try ModelStore().locate(base).path
                }
            }
        }
        guard let draftModel else { return model }
        let small = try ModelStore().locate(draftModel)
        let draft: ServedModel = try naming(small.path) {
            try writing { try ServedModel.open(path: small.path, name: small.name) }
        }
        return try model.drafted(by: draft)
    }

    /// Says of a model that only reads what it is for.
    private func writing(_ body: () throws -> ServedModel) throws -> ServedModel {
        do { return try body() } catch ModelError.unknownArchitecture(let name, _) where knownEncoders.contains(name) {
            throw BadInput("this model (\(name)) makes vectors and writes no text: yuyan embed or yuyan rerank use it")
        }
    }
}

/// How tokens are chosen.
struct SamplingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "0 takes the likeliest token; higher is more varied. 0.7 (top-p 0.9) unless the model says what suits it."
    )
    var temperature: Float?

    @Option(parsing: .unconditional, help: "Choose among the likeliest tokens that together have this probability.")
    var topP: Float?

    @Option(parsing: .unconditional, help: "Choose among this many of the likeliest tokens.")
    var topK: Int?

    @Option(parsing: .unconditional, help: "Leave out tokens less likely than this share of the likeliest.")
    var minP: Float?

    @Option(parsing: .unconditional, help: "Makes tokens that already came up less likely; 1 does nothing.")
    var repetitionPenalty: Float?

    @Option(parsing: .unconditional, help: "The same seed gives the same answer.")
    var seed: UInt64?

    @Option(parsing: .unconditional, help: ArgumentHelp("The most tokens to generate.", valueName: "n"))
    var maxTokens: Int?

    @Option(help: "Stop before this text; may be given several times.")
    var stop: [String] = []

    func validate() throws {
        try require("--max-tokens", maxTokens, "at least 1") { $0 >= 1 }
        try require("--temperature", temperature, "from 0 to 2") { (0...2).contains($0) }
        try require("--top-p", topP, "from 0 to 1") { (0...1).contains($0) }
        try require("--top-k", topK, "0 (off) or more") { $0 >= 0 }
        try require("--min-p", minP, "from 0 to 1") { (0...1).contains($0) }
        try require("--repetition-penalty", repetitionPenalty, "a number above 0") { $0 > 0 && $0.isFinite }
        if stop.contains("") { throw ValidationError("--stop must be a text to stop before: this one is empty") }
    }

    private func require<Value>(
        _ flag: String,
        _ value: Value?,
        _ expected: String,
        _ holds: (Value) -> Bool
    ) throws {
        guard let value, !holds(value) else { return }
        throw ValidationError("\(flag) must be \(expected), not \(value)")
    }

    /// What suits small models that do not say; the console begins with the same.
    private static let sober = Sampling(temperature: 0.7, topP: 0.9, minP: 0.05)

    /// A request for that prompt, with what was not said taken from the model's defaults.
    func request(_ prompt: [Int], _ model: ServedModel) -> GenerationRequest {
        var sampling = model.defaults == Sampling() ? Self.sober : model.defaults
        if let temperature { sampling.temperature = temperature }
        if let topP { sampling.topP = topP }
        if let topK { sampling.topK = topK }
        if let minP { sampling.minP = minP }
        if let repetitionPenalty { sampling.repetitionPenalty = repetitionPenalty }
        sampling.seed = seed
        return GenerationRequest(prompt: prompt, sampling: sampling, stop: stop, maxTokens: maxTokens)
    }
}
