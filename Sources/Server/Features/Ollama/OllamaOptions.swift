import Inference
import Text

extension Order {
    /// What both routes say in the same words: `options`, `stream` (which is on unless told), and what is not honoured.
    init(
        ollama body: JSONField,
        for model: any GenerativeModel,
        fields: Set<String>,
        refusing rules: [Refusals.Rule] = []
    ) throws {
        let ignored = try Refusals(ollamaRules + rules, known: ollamaFields.union(fields)).check(body)
        let options = body["options"].optional ?? JSONField([:], path: "options")
        let ignoredOptions = try Refusals.ollamaOptions.check(options)
        sampling = try Sampling(ollama: options, model.defaults)
        stop = try StopTexts.read(options["stop"])
        let wanted = try options["num_predict"].optional?.integer(in: -2...Int(Int32.max)) ?? -1
        maxTokens = wanted > 0 ? wanted : nil
        isStreamed = try body["stream"].optional?.bool ?? true
        keepAlive = try KeepAlive(body["keep_alive"])
        ignoredFields = ignored + ignoredOptions.map { "options.\($0)" }
    }
}

extension Sampling {
    /// What `options` say; the rest is as `defaults` have it.
    init(ollama options: JSONField, _ defaults: Sampling) throws {
        func number(_ name: String, _ range: ClosedRange<Double>, _ standard: Float) throws -> Float {
            try options[name].optional.map { Float(try $0.double(in: range)) } ?? standard
        }
        self.init(
            temperature: try number("temperature", 0...2, defaults.temperature),
            topK: max(0, try options["top_k"].optional?.integer(in: -1...Int(Int32.max)) ?? defaults.topK),
            topP: try number("top_p", 0...1, defaults.topP),
            minP: try number("min_p", 0...1, defaults.minP),
            repetitionPenalty: try number("repeat_penalty", 0.01...10, defaults.repetitionPenalty),
            presencePenalty: try number("presence_penalty", -2...2, defaults.presencePenalty),
            frequencyPenalty: try number("frequency_penalty", -2...2, defaults.frequencyPenalty),
            logitBias: [:],
            seed: try options["seed"].optional?.integer.nonnegative
        )
    }
}

extension Int {
    /// Ollama's -1 is no seed.
    fileprivate var nonnegative: UInt64? { self < 0 ? nil : UInt64(self) }
}

extension Refusals {
    /// The members of `options`, or of a model's own `parameters`.
    static let ollamaOptions = Refusals(ollamaOptionRules, known: ollamaOptionNames)
}

private let ollamaFields: Set<String> = ["model", "stream", "options", "keep_alive", "format", "think"]

private let ollamaRules: [Refusals.Rule] = [
    .init("logprobs", "ask /v1/chat/completions or /v1/completions for them") { $0 == false },
    .init("top_logprobs", "ask /v1/chat/completions or /v1/completions for them") { $0 == 0 },
]

/// The last of them are about the machine, which was set up when the server started.
private let ollamaOptionNames: Set<String> = [
    "temperature", "top_k", "top_p", "min_p", "repeat_penalty", "presence_penalty", "frequency_penalty", "seed", "stop",
    "num_predict",
    "num_ctx", "num_keep", "num_batch", "num_gpu", "main_gpu", "num_thread", "low_vram", "use_mmap", "use_mlock",
    "numa",
    "repeat_last_n", "penalize_newline",
]

private let ollamaOptionRules: [Refusals.Rule] = [
    .init("mirostat", "this way of sampling is not here") { $0 == 0 },
    .init("typical_p", "this way of sampling is not here") { $0.double == 1 },
    .init("tfs_z", "this way of sampling is not here") { $0.double == 1 },
]
