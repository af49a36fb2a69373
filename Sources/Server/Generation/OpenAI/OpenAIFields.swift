import Inference
import Text

/// The fields that OpenAI's chat and plain completions share.
enum OpenAIFields {
    static let names: Set<String> = [
        "model", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty",
        "frequency_penalty",
        "logit_bias", "seed", "stop", "n", "stream", "stream_options", "ignore_eos", Priority.field,
    ]

    /// Whether a stream is to tell its usage.
    static func includesUsage(_ body: JSONField) throws -> Bool {
        guard let options = body["stream_options"].optional else { return false }
        _ = try options.object
        guard try body["stream"].optional?.bool ?? false else {
            throw APIError.invalid("stream_options", "'stream_options' needs 'stream': true.")
        }
        _ = try options["include_obfuscation"].optional?.bool
        return try options["include_usage"].optional?.bool ?? false
    }
}

extension OpenAIFields {
    /// Fields that change nothing about the answer still mean something to who sends them: of a wrong kind, they are refused.
    static func checkNotes(_ body: JSONField) throws {
        for name in ["user", "prompt_cache_key"] { _ = try body[name].optional?.string }
        _ = try body["safety_identifier"].optional.map { try text($0, atMost: 64) }
        for name in ["store", "cache_prompt"] { _ = try body[name].optional?.bool }
        _ = try body["prompt_cache_options"].optional?.object
        _ = try body["metadata"].optional.map(metadata)
        let words: [(String, [String])] = [
            ("service_tier", ["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]),
            ("prompt_cache_retention", ["in_memory", "in-memory", "24h"]), ("verbosity", ["low", "medium", "high"]),
        ]
        for (name, allowed) in words { try one(of: allowed, body[name]) }
    }

    /// Nil where there is nothing.
    @discardableResult
    static func one(of words: [String], _ field: JSONField) throws -> String? {
        try field.optional.map { try word(of: words, $0) }
    }

    @discardableResult
    static func word(of words: [String], _ field: JSONField) throws -> String {
        let word = try field.string
        guard words.contains(word) else {
            let list = words.map { "'\($0)'" }.joined(separator: ", ")
            throw field.unexpected(words.count == 1 ? list : "one of " + list)
        }
        return word
    }

    private static func text(_ field: JSONField, atMost limit: Int) throws -> String {
        let text = try field.string
        guard text.count <= limit else {
            throw field.unexpected("a string of at most \(limit) characters", found: "one of \(text.count)")
        }
        return text
    }

    /// Up to 16 texts of at most 512 characters under names of at most 64.
    static func metadata(_ field: JSONField) throws -> [String: String] {
        let members = try field.object
        guard members.count <= 16 else {
            throw field.unexpected("an object of at most 16 pairs", found: "one of \(members.count)")
        }
        var metadata: [String: String] = [:]
        for key in members.keys {
            guard key.count <= 64 else {
                let found = "one with a key of \(key.count)"
                throw field.unexpected("an object whose keys have at most 64 characters", found: found)
            }
            metadata[key] = try text(field[key], atMost: 512)
        }
        return metadata
    }
}

extension Order {
    /// What the shared fields say; the prompt and the rest are the dialect's to add.
    init(openAI body: JSONField, for model: any GenerativeModel, maximumChoices: Int) throws {
        sampling = try Sampling(openAI: body, model.defaults, model.vocabulary.vocabularySize)
        stop = try StopTexts.read(body["stop"])
        choices = try body["n"].optional?.integer(in: 1...maximumChoices) ?? 1
        isStreamed = try body["stream"].optional?.bool ?? false
        ignoresEOS = try body["ignore_eos"].optional?.bool ?? false
        priority = try Priority.steps(body)
    }
}

extension Sampling {
    fileprivate init(openAI body: JSONField, _ defaults: Sampling, _ size: Int) throws {
        func number(_ name: String, _ range: ClosedRange<Double>, _ standard: Float) throws -> Float {
            try body[name].optional.map { Float(try $0.double(in: range)) } ?? standard
        }
        self.init(
            temperature: try number("temperature", 0...2, defaults.temperature),
            topK: max(0, try body["top_k"].optional?.integer(in: -1...Int(Int32.max)) ?? defaults.topK),
            topP: try number("top_p", 0...1, defaults.topP),
            minP: try number("min_p", 0...1, defaults.minP),
            repetitionPenalty: try number("repetition_penalty", 0.01...10, defaults.repetitionPenalty),
            presencePenalty: try number("presence_penalty", -2...2, defaults.presencePenalty),
            frequencyPenalty: try number("frequency_penalty", -2...2, defaults.frequencyPenalty),
            logitBias: try Sampling.logitBias(body["logit_bias"], size),
            seed: try body["seed"].optional?.seed
        )
    }

    private static func logitBias(_ field: JSONField, _ vocabularySize: Int) throws -> [Int: Float] {
        guard let field = field.optional else { return [:] }
        var biases: [Int: Float] = [:]
        for name in try field.object.keys {
            guard let id = Int(name), (0..<vocabularySize).contains(id) else {
                throw APIError.invalid(
                    "logit_bias",
                    "'logit_bias' is keyed by token ids from 0 to \(vocabularySize - 1), but has '\(name.prefix(40))'."
                )
            }
            guard let bias = field[name].value?.double, (-100...100).contains(bias) else {
                throw APIError.invalid(
                    "logit_bias",
                    "'logit_bias' of token \(id) must be a number between -100 and 100."
                )
            }
            biases[id] = Float(bias)
        }
        return biases
    }
}
