/// How the next token is chosen from a model's logits.
///
/// Applied in this order, that of Hugging Face's `transformers`: repetition, presence and frequency penalties, `logitBias`,
/// `temperature`, `topK`, `topP`, `minP`. A filter keeps every token that ties with the last one it keeps.
public struct Sampling: Sendable, Hashable {
    /// Divides the logits; 0 takes the likeliest token.
    public var temperature: Float
    /// Keeps the likeliest tokens, this many; 0 keeps all.
    public var topK: Int
    /// Keeps the likeliest tokens that together reach this probability (Holtzman et al. 2020); 1 keeps all.
    public var topP: Float
    /// Keeps tokens at least this fraction as likely as the likeliest (Nguyen et al. 2024); 0 keeps all.
    public var minP: Float
    /// Divides positive and multiplies negative logits of every token in prompt or output (Keskar et al. 2019); 1 is off.
    public var repetitionPenalty: Float
    /// Subtracted once from the logit of every token in the output.
    public var presencePenalty: Float
    /// Subtracted from a token's logit for every time it is in the output.
    public var frequencyPenalty: Float
    /// Added to the logits of these tokens.
    public var logitBias: [Int: Float]
    /// The same seed and request give the same tokens, alone or in a crowd; nil draws a seed.
    public var seed: UInt64?

    public init(
        temperature: Float = 1,
        topK: Int = 0,
        topP: Float = 1,
        minP: Float = 0,
        repetitionPenalty: Float = 1,
        presencePenalty: Float = 0,
        frequencyPenalty: Float = 0,
        logitBias: [Int: Float] = [:],
        seed: UInt64? = nil
    ) {
        (self.temperature, self.topK, self.topP, self.minP) = (temperature, topK, topP, minP)
        self.repetitionPenalty = repetitionPenalty
        self.presencePenalty = presencePenalty
        self.frequencyPenalty = frequencyPenalty
        (self.logitBias, self.seed) = (logitBias, seed)
    }

    /// The likeliest token, always.
    public static let greedy = Sampling(temperature: 0)
}

extension Sampling {
    var penalises: Bool { repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0 }
    var adjusts: Bool { penalises || !logitBias.isEmpty }

    func validate(vocabulary: Int) throws(EngineError) {
        let warm = temperature >= 0 && temperature.isFinite
        try require(warm, "temperature must be a finite number, 0 or more", temperature)
        try require(topK >= 0, "top_k must be 0 (off) or more", topK)
        try require((0...1).contains(topP), "top_p must be between 0 and 1", topP)
        try require((0...1).contains(minP), "min_p must be between 0 and 1", minP)
        try require(
            repetitionPenalty > 0 && repetitionPenalty.isFinite,
            "repetition_penalty must be a finite number above 0",
            repetitionPenalty
        )
        try require(presencePenalty.isFinite, "presence_penalty must be finite", presencePenalty)
        try require(frequencyPenalty.isFinite, "frequency_penalty must be finite", frequencyPenalty)
        for (id, bias) in logitBias {
            guard (0..<vocabulary).contains(id) else { throw .unknownToken(id: id, vocabulary: vocabulary) }
            try require(bias.isFinite, "logit_bias of token \(id) must be finite", bias)
        }
    }
}

/// Throws ``EngineError/invalid(_:)`` with what was expected and what was found, unless `condition` holds.
func require(_ condition: Bool, _ expectation: String, _ found: some Sendable) throws(EngineError) {
    guard condition else { throw .invalid("\(expectation), not \(found)") }
}
