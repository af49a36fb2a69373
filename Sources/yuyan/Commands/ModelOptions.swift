import ArgumentParser
import Bundles
import Checkpoints
import Foundation
import Inference
import Tensors

/// How much of the machine a model may use, and where the settings are.
struct ModelOptions: ParsableArguments {
    @Option(.context) var context: Int?
    @Option(.threads) var threads: Int?
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
    let context, threads: Int?, cacheType: CacheType, fingerprints: FingerprintCheck
    var draftModel: String?

    init(_ flags: ModelOptions, _ layers: inout Layers) throws(ConfigurationError) {
        context = try layers.read(.context, flag: flags.context)
        threads = try layers.read(.threads, flag: flags.threads)
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
        if let threads { setenv("YUYAN_THREADS", "\(threads)", 1) }
        let options = ServedModel.Options(contextLength: context, fingerprints: fingerprints)
        let model = try naming(stored.path) {
            try ServedModel.open(path: stored.path, name: name ?? stored.name, options: options) { base in
                try ModelStore().locate(base).path
            }
        }
        guard let draftModel else { return model }
        let small = try ModelStore().locate(draftModel)
        return try model.drafted(by: naming(small.path) { try ServedModel.open(path: small.path, name: small.name) })
    }

    /// Says which file it was where the error does not.
    func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error where ExitStatus(error)?.code == ExitStatus.badInput {
            let text = "\(error)"
            throw text.contains(path) ? error : BadInput("\(path): \(text)")
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
        if maxTokens == 0 { throw ValidationError("--max-tokens 0 leaves nothing to say: at least 1, or leave it out") }
        if let temperature, temperature > 2 {
            throw ValidationError("--temperature must be at most 2, not \(temperature)")
        }
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
