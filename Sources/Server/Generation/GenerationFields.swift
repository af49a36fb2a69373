package import Inference
package import Text

/// The fields that chat and plain completions share, read and checked.
package struct GenerationFields: Sendable {
    package var sampling = Sampling()
    package var stop: [String] = []
    package var choices = 1
    package var stream = false
    package var includeUsage = false
    package var ignoreEOS = false

    package init(_ body: JSONField, model: any GenerativeModel, maximumChoices: Int) throws {
        sampling = try GenerationFields.sampling(body, model.defaults, model.vocabulary.vocabularySize)
        stop = try GenerationFields.stop(body["stop"])
        choices = try body["n"].optional?.integer(in: 1...maximumChoices) ?? 1
        stream = try body["stream"].optional?.bool ?? false
        if let options = body["stream_options"].optional {
            _ = try options.object
            guard stream else { throw APIError.invalid("stream_options", "'stream_options' needs 'stream': true.") }
            includeUsage = try options["include_usage"].optional?.bool ?? false
        }
        ignoreEOS = try body["ignore_eos"].optional?.bool ?? false
    }

    package static let names: Set<String> = [
        "model", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty",
        "frequency_penalty",
        "logit_bias", "seed", "stop", "n", "stream", "stream_options", "ignore_eos",
    ]

    /// The same request for another choice: with a seed, each choice has one of its own.
    package func sampling(ofChoice index: Int) -> Sampling {
        var sampling = sampling
        sampling.seed = sampling.seed.map { $0 &+ UInt64(index) }
        return sampling
    }
}

extension GenerationFields {
    private static func sampling(_ body: JSONField, _ defaults: Sampling, _ size: Int) throws -> Sampling {
        func number(_ name: String, _ range: ClosedRange<Double>, _ standard: Float) throws -> Float {
            try body[name].optional.map { Float(try $0.double(in: range)) } ?? standard
        }
        return Sampling(
            temperature: try number("temperature", 0...2, defaults.temperature),
            topK: max(0, try body["top_k"].optional?.integer(in: -1...Int(Int32.max)) ?? defaults.topK),
            topP: try number("top_p", 0...1, defaults.topP),
            minP: try number("min_p", 0...1, defaults.minP),
            repetitionPenalty: try number("repetition_penalty", 0.01...10, defaults.repetitionPenalty),
            presencePenalty: try number("presence_penalty", -2...2, defaults.presencePenalty),
            frequencyPenalty: try number("frequency_penalty", -2...2, defaults.frequencyPenalty),
            logitBias: try logitBias(body["logit_bias"], size),
            seed: try body["seed"].optional.map { UInt64(bitPattern: Int64(try $0.integer)) }
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

    private static let stops = 16, stopLength = 1024

    private static func stop(_ field: JSONField) throws -> [String] {
        guard let field = field.optional else { return [] }
        if let one = field.value?.string { return [try checked(one, field)] }
        guard field.value?.array != nil else { throw field.unexpected("a string or an array of strings") }
        let fields = try field.elements
        guard fields.count <= stops else { throw field.unexpected("at most \(stops) strings") }
        return try fields.map { try checked($0.string, $0) }
    }

    private static func checked(_ stop: String, _ field: JSONField) throws -> String {
        guard (1...stopLength).contains(stop.utf8.count) else {
            throw field.unexpected("1 to \(stopLength) bytes long")
        }
        return stop
    }
}
