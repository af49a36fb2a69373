package import Checkpoints
package import Text

extension TokenizerSpecification {
    /// What a GGUF file says about its tokenizer: with ``write(to:)`` the one place that knows both sides.
    package init(_ metadata: GGUFMetadata) throws {
        func value(_ key: String) -> GGUFValue? { metadata["tokenizer.ggml." + key] }
        let model = try Self.required("model", of: metadata, as: "text", \.text)
        let tokens = try Self.required("tokens", of: metadata, as: "a list of texts", \.strings)
        if model == "bert" || model == "t5" {
            self = try Self.encoder(Array(tokens), metadata, isWords: model == "bert")
            return
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
        if metadata[Self.normalizationKey]?.text == "nfc" { normalization = .nfc }
        readSpaces(metadata)
    }

    /// What keys of ours say of spaces beside the format's own.
    private mutating func readSpaces(_ metadata: GGUFMetadata) {
        if let spacing = metadata[Self.spacingKey]?.text.flatMap(Spacing.init) {
            var map = CharacterMap([:])
            if case .mapped(let own, _) = normalization { map = own }
            normalization = .mapped(map, spacing)
        }
        guard let prefix = metadata[Self.prefixKey]?.text.flatMap(Spaces.Prefix.init) else { return }
        switch kind {
        case .byteLevelBPE, .wordPiece: break
        case .sentencePieceBPE(let spaces):
            kind = .sentencePieceBPE(.init(prefix: prefix, splitsWords: spaces.splitsWords))
        case .unigram(let spaces): kind = .unigram(.init(prefix: prefix, splitsWords: spaces.splitsWords))
        }
    }

    /// BERT's words, or the unigram model of XLM-R.
    private static func encoder(_ tokens: [String], _ metadata: GGUFMetadata, isWords: Bool) throws -> Self {
        func value(_ key: String) -> GGUFValue? { metadata["tokenizer.ggml." + key] }
        func id(_ keys: String...) -> Int? { keys.lazy.compactMap { value($0 + "_token_id")?.integer }.first }
        let types = try value("token_type").map { try list($0, "token_type", \.integers) } ?? []
        // The format spells the separator so.
        let separator = id("seperator", "separator"), padding = id("padding"), unknown = id("unknown")
        if isWords {
            let first = id("cls", "bos")
            return try Self(
                ggufWords: tokens,
                tokenTypes: types,
                first: first,
                separator: separator ?? id("eos"),
                unknown: unknown,
                padding: padding
            )
        }
        guard let scores = value("scores") else { throw BundleError.missingMetadata("tokenizer.ggml.scores") }
        let map = try value("precompiled_charsmap").map { try list($0, "precompiled_charsmap", \.integers) }
        var found = try Self(
            ggufPieces: tokens,
            scores: try list(scores, "scores", \.floats),
            tokenTypes: types,
            map: map.map { $0.map { UInt8(truncatingIfNeeded: $0) } },
            squeezes: value("remove_extra_whitespaces")?.flag ?? true,
            addSpacePrefix: value("add_space_prefix")?.flag ?? true
        )
        (found.bos, found.eos, found.unknown, found.pad) = (
            id("bos", "cls"), separator ?? id("eos"), unknown ?? 3, padding
        )
        (found.addsBOS, found.addsEOS) = (value("add_bos_token")?.flag ?? true, value("add_eos_token")?.flag ?? true)
        found.between = found.eos.map { [$0, $0] }
        found.readSpaces(metadata)
        return found
    }

    /// A key of ours: the format has none for it.
    static let normalizationKey = "yuyan.normalization"
    /// Another: the format knows that spaces are removed, and not how.
    static let spacingKey = "yuyan.spacing"
    /// Another: the format knows whether text gets a space before it, and not where.
    static let prefixKey = "yuyan.space_prefix"

    /// What must be there, and of the one type.
    private static func required<Content>(
        _ key: String,
        of metadata: GGUFMetadata,
        as expected: String,
        _ convert: KeyPath<GGUFValue, Content?>
    ) throws -> Content {
        let key = "tokenizer.ggml." + key
        guard let value = metadata[key] else { throw BundleError.missingMetadata(key) }
        guard let content = value[keyPath: convert] else { throw BundleError.badMetadata(key, expected: expected) }
        return content
    }

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
