public import Checkpoints
import Models
import Text

extension ServedModel {
    /// Opens a GGUF file: reads and repacks its weights, and checks that its parts fit.
    public static func open(path: String, name: String, options: Options = Options()) throws -> ServedModel {
        try open(GGUFFile(path: path), name: name, options: options)
    }

    public static func open(_ file: GGUFFile, name: String, options: Options = Options()) throws -> ServedModel {
        let tokenizer = try Tokenizer(TokenizerSpecification(file.metadata))
        return try ServedModel(
            name: name,
            model: Models.model(file.settings, Weights(Packed(file.weights))),
            tokenizer: tokenizer,
            template: chatTemplate(file.metadata, tokenizer),
            settings: file.settings,
            defaults: Sampling(file.metadata),
            options: options
        )
    }

    private static func chatTemplate(_ metadata: GGUFMetadata, _ tokenizer: Tokenizer) throws -> ChatTemplate? {
        func spelling(_ id: Int?) -> String { id.flatMap(tokenizer.token) ?? "" }
        return try metadata["tokenizer.chat_template"]?.text.map {
            try ChatTemplate($0, bosToken: spelling(tokenizer.bos), eosToken: spelling(tokenizer.eos))
        }
    }
}

extension TokenizerSpecification {
    /// What a GGUF file says about its tokenizer: the one place that knows both sides.
    package init(_ metadata: GGUFMetadata) throws {
        func value(_ key: String) -> GGUFValue? { metadata["tokenizer.ggml." + key] }
        guard let model = value("model")?.text else { throw ServedModelError.missingMetadata("tokenizer.ggml.model") }
        guard let tokens = value("tokens")?.strings else {
            throw ServedModelError.missingMetadata("tokenizer.ggml.tokens")
        }
        try self.init(
            gguf: model,
            pre: value("pre")?.text,
            tokens: Array(tokens),
            scores: try value("scores").map { try Self.list($0, "scores", \.floats) },
            tokenTypes: try value("token_type").map { try Self.list($0, "token_type", \.integers) },
            merges: value("merges")?.strings.map(Array.init),
            bos: value("bos_token_id")?.integer,
            eos: value("eos_token_id")?.integer,
            unknown: value("unknown_token_id")?.integer,
            padding: value("padding_token_id")?.integer,
            addBOS: value("add_bos_token")?.flag,
            addEOS: value("add_eos_token")?.flag,
            addSpacePrefix: value("add_space_prefix")?.flag,
            endOfTurn: ["eot_token_id", "eom_token_id"].compactMap { value($0)?.integer }
        )
    }

    private static func list<Element>(
        _ value: GGUFValue,
        _ key: String,
        _ convert: KeyPath<GGUFNumbers, [Element]?>
    ) throws -> [Element] {
        guard let list = value.numbers?[keyPath: convert] else {
            throw ServedModelError.badMetadata("tokenizer.ggml.\(key)", expected: "a list of numbers")
        }
        return list
    }
}

extension Sampling {
    /// The makers' wishes, where the file has any that make sense.
    fileprivate init(_ metadata: GGUFMetadata) {
        func value(_ key: String) -> GGUFValue? { metadata["general.sampling." + key] }
        self.init()
        var wish = self
        wish.temperature = value("temp")?.number.map { Float($0) } ?? temperature
        wish.topK = value("top_k")?.integer ?? topK
        wish.topP = value("top_p")?.number.map { Float($0) } ?? topP
        wish.minP = value("min_p")?.number.map { Float($0) } ?? minP
        wish.repetitionPenalty = value("penalty_repeat")?.number.map { Float($0) } ?? repetitionPenalty
        if (try? wish.validate(vocabulary: 0)) != nil { self = wish }
    }
}
