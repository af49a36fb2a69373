package import Checkpoints
package import Text

extension TokenizerSpecification {
    /// What a GGUF file says about its tokenizer: with ``write(to:)`` the one place that knows both sides.
    package init(_ metadata: GGUFMetadata) throws {
        func value(_ key: String) -> GGUFValue? { metadata["tokenizer.ggml." + key] }
        guard let model = value("model")?.text else { throw BundleError.missingMetadata("tokenizer.ggml.model") }
        guard let tokens = value("tokens")?.strings else { throw BundleError.missingMetadata("tokenizer.ggml.tokens") }
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
        if metadata[Self.normalizationKey]?.text == "nfc" { normalization = .nfc }
    }

    /// A key of ours: the format has none for it.
    static let normalizationKey = "yuyan.normalization"

    private static func list<Element>(
        _ value: GGUFValue,
        _ key: String,
        _ convert: KeyPath<GGUFNumbers, [Element]?>
    ) throws -> [Element] {
        guard let list = value.numbers?[keyPath: convert] else {
            throw BundleError.badMetadata("tokenizer.ggml.\(key)", expected: "a list of numbers")
        }
        return list
    }
}
