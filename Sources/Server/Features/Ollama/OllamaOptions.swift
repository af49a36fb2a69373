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
        for name in ollamaFlags { _ = try body[name].optional?.bool }
        let known = ollamaFields.union(fields)
        let refusals = Refusals(ollamaRules + rules, known: known, within: ["tools": Members.tools])
        let ignored = try refusals.check(body)
        let options = body["options"], ignoredOptions = try OllamaOptions.check(options)
        sampling = try Sampling(ollama: options, model.defaults)
        stop = try StopTexts.read(options["stop"])
        maxTokens = try OllamaOptions.limit(options)
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
            seed: try options["seed"].optional?.integer.seed
        )
    }
}

extension Int {
    /// Ollama's -1 is no seed.
    fileprivate var seed: UInt64? { self == -1 ? nil : UInt64(bitPattern: Int64(self)) }
}

/// The members of `options`, or of a model's own `parameters`.
enum OllamaOptions {
    /// Throws for what is of a wrong kind or not to be had; returns the names that nobody here knows.
    static func check(_ options: JSONField) throws -> [String] {
        guard let options = options.optional else { return [] }
        let ignored = try refusals.check(options)
        for (name, range) in numbers { _ = try options[name].optional?.integer(in: range) }
        for name in flags { _ = try options[name].optional?.bool }
        _ = try (Sampling(ollama: options, Sampling()), StopTexts.read(options["stop"]), limit(options))
        return ignored
    }

    /// The most tokens of an answer; nil: as many as the context holds.
    static func limit(_ options: JSONField) throws -> Int? {
        let wanted = try options["num_predict"].optional?.integer(in: -2...most) ?? -1
        return wanted > 0 ? wanted : nil
    }

    private static let refusals = Refusals(
        [
            .init("mirostat", "this way of sampling is not here") { $0 == 0 },
            .init("typical_p", "this way of sampling is not here") { $0.double == 1 },
            .init("tfs_z", "this way of sampling is not here") { $0.double == 1 },
        ],
        known: Set(numbers.map { $0.name }).union(flags).union([
            "temperature", "top_k", "top_p", "min_p", "repeat_penalty", "presence_penalty", "frequency_penalty", "seed",
            "stop", "num_predict",
        ])
    )

    // About the machine, which was set up when the server started, and about how far back a penalty looks: here, to the beginning.

    private static let numbers: [(name: String, range: ClosedRange<Int>)] = [
        ("num_ctx", 1...most), ("num_keep", -1...most), ("num_batch", 1...most), ("num_gpu", -1...most),
        ("main_gpu", 0...most), ("num_thread", 0...most), ("repeat_last_n", -1...most),
    ]
    private static let flags: Set<String> = ["low_vram", "use_mmap", "use_mlock", "numa", "penalize_newline"]
    private static let most = Int(Int32.max)
}

private let ollamaFields = ollamaFlags.union(["model", "stream", "options", "keep_alive", "format", "think"])

/// What is to be done with a prompt that is too long: here nothing is cut away, it is refused.
private let ollamaFlags: Set<String> = ["truncate", "shift"]

private let ollamaRules: [Refusals.Rule] = [
    .init("logprobs", "ask /v1/chat/completions or /v1/completions for them") { $0 == false },
    .init("top_logprobs", "ask /v1/chat/completions or /v1/completions for them") { $0 == 0 },
]
