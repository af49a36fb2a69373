import ArgumentParser
import Checkpoints
import Foundation
import Inference

/// Which model, and how much of the machine it may use.
struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The most tokens prompt and answer may have together.", valueName: "tokens"))
    var context: Int?

    @Option(help: ArgumentHelp("Threads that compute; all processors by default.", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if let context, context < 1 { throw ValidationError("--context must be at least 1") }
        if let threads, threads < 1 || threads > 256 { throw ValidationError("--threads must be from 1 to 256") }
    }

    /// Opens a model of the store, or a file.
    func open(_ stored: StoredModel, name: String? = nil) throws -> ServedModel {
        if let threads { setenv("YUYAN_THREADS", "\(threads)", 1) }
        let options = ServedModel.Options(contextLength: context)
        return try ServedModel.open(path: stored.path, name: name ?? stored.name, options: options)
    }

    /// The model of that name or path; without one, the default model or else whatever is in the store.
    static func locate(_ model: String?) throws -> StoredModel {
        let store = ModelStore()
        if let model { return try store.locate(model) }
        for name in [Catalogue.defaultModel, Catalogue.smallModel] {
            if let stored = try? store.locate(name) { return stored }
        }
        if let stored = try store.list().first { return stored }
        throw BadInput("no model is here yet: yuyan pull \(Catalogue.smallModel) fetches a small one (98 MB)")
    }
}

/// How tokens are chosen.
struct SamplingOptions: ParsableArguments {
    @Option(help: "0 takes the likeliest token; higher is more varied.")
    var temperature: Float?

    @Option(help: "Choose among the likeliest tokens that together have this probability.")
    var topP: Float?

    @Option(help: "Choose among this many of the likeliest tokens.")
    var topK: Int?

    @Option(help: "Leave out tokens less likely than this share of the likeliest.")
    var minP: Float?

    @Option(help: "Makes tokens that already came up less likely; 1 does nothing.")
    var repetitionPenalty: Float?

    @Option(help: "The same seed gives the same answer.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("The most tokens to generate.", valueName: "n"))
    var maxTokens: Int?

    @Option(help: "Stop before this text; may be given several times.")
    var stop: [String] = []

    /// A request for that prompt, with what was not said taken from the model's defaults.
    func request(_ prompt: [Int], _ model: ServedModel) -> GenerationRequest {
        var sampling = model.defaults
        if let temperature { sampling.temperature = temperature }
        if let topP { sampling.topP = topP }
        if let topK { sampling.topK = topK }
        if let minP { sampling.minP = minP }
        if let repetitionPenalty { sampling.repetitionPenalty = repetitionPenalty }
        sampling.seed = seed
        return GenerationRequest(prompt: prompt, sampling: sampling, stop: stop, maxTokens: maxTokens)
    }
}
