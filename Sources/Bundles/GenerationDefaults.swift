import Checkpoints
import Text

/// How a model's makers want its tokens chosen, as far as they say.
public struct GenerationDefaults: Sendable, Hashable {
    public var temperature, topP, minP, repetitionPenalty: Float?
    public var topK: Int?

    public init(
        temperature: Float? = nil,
        topK: Int? = nil,
        topP: Float? = nil,
        minP: Float? = nil,
        repetitionPenalty: Float? = nil
    ) {
        (self.temperature, self.topK, self.topP) = (temperature, topK, topP)
        (self.minP, self.repetitionPenalty) = (minP, repetitionPenalty)
    }
}

/// `general.sampling.*` of a GGUF file.
extension GenerationDefaults {
    init(_ metadata: GGUFMetadata) {
        func number(_ key: String) -> Float? { metadata["general.sampling." + key]?.number.map { Float($0) } }
        self.init(
            temperature: number("temp"),
            topK: metadata["general.sampling.top_k"]?.integer,
            topP: number("top_p"),
            minP: number("min_p"),
            repetitionPenalty: number("penalty_repeat")
        )
    }

    func write(to metadata: inout GGUFMetadata) {
        let numbers = [
            ("temp", temperature), ("top_p", topP), ("min_p", minP), ("penalty_repeat", repetitionPenalty),
        ]
        for (key, number) in numbers { metadata["general.sampling." + key] = number.map(GGUFValue.float32) }
        metadata["general.sampling.top_k"] = topK.flatMap(Int32.init(exactly:)).map(GGUFValue.int32)
    }
}

/// `generation_config.json` of the Hub.
extension GenerationDefaults {
    init(_ settings: Settings) throws {
        self.init(
            temperature: try settings.optional("temperature"),
            topK: try settings.optional("top_k"),
            topP: try settings.optional("top_p"),
            minP: try settings.optional("min_p"),
            repetitionPenalty: try settings.optional("repetition_penalty")
        )
    }

    func write(to settings: inout Settings) {
        let numbers = [
            ("temperature", temperature), ("top_p", topP), ("min_p", minP), ("repetition_penalty", repetitionPenalty),
        ]
        for (key, number) in numbers { settings[key] = number.map { .number(decimal($0)) } }
        settings["top_k"] = topK.map { .integer($0) }
        if settings.values.keys.contains(where: { ["temperature", "top_p", "top_k", "min_p"].contains($0) }) {
            settings["do_sample"] = true
        }
    }

    /// The number that the shortest spelling of a float spells: 0.7, not 0.699999988079071.
    private func decimal(_ number: Float) -> Double { Double("\(number)") ?? Double(number) }
}
