import Foundation

/// What tokenizers of encoders do.
extension TokenizerPipeline {
    static func map(_ part: JSONField) throws -> CharacterMap {
        let text = try part["precompiled_charsmap"].string
        guard let data = Data(base64Encoded: text), let map = CharacterMap([UInt8](data)) else {
            let supported = "a table as SentencePiece writes it"
            throw TokenizerError.unsupported(field: part.path, value: "damaged", supported: supported)
        }
        return map
    }

    static func spaced(
        _ normalization: TokenizerSpecification.Normalization,
        _ spacing: TokenizerSpecification.Spacing,
        _ part: JSONField
    ) throws -> TokenizerSpecification.Normalization {
        guard case .mapped(let map, _) = normalization else {
            throw refusal(part, "such spaces together with Precompiled")
        }
        return .mapped(map, spacing)
    }

    /// `BertNormalizer`; accents go where letters are made small, unless the file says otherwise.
    static func wordPieceRules(_ normalizer: JSONField) throws -> WordPieceRules {
        guard normalizer["type"].value == "BertNormalizer" else { throw refusal(normalizer, "BertNormalizer") }
        let lowercases = try normalizer["lowercase"].optional?.bool ?? true
        return WordPieceRules(
            cleans: try normalizer["clean_text"].optional?.bool ?? true,
            separatesIdeographs: try normalizer["handle_chinese_chars"].optional?.bool ?? true,
            stripsAccents: try normalizer["strip_accents"].optional?.bool ?? lowercases,
            lowercases: lowercases
        )
    }

    static func bertNormalizer(_ rules: WordPieceRules) -> JSON {
        [
            "type": "BertNormalizer", "clean_text": .bool(rules.cleans),
            "handle_chinese_chars": .bool(rules.separatesIdeographs), "strip_accents": .bool(rules.stripsAccents),
            "lowercase": .bool(rules.lowercases),
        ]
    }

    /// The steps that write a normalization.
    static func steps(_ normalization: TokenizerSpecification.Normalization) -> [JSON] {
        switch normalization {
        case .none: return []
        case .nfc: return [["type": "NFC"]]
        case .mapped(let map, let spacing):
            switch spacing {
            case .squeezed: return table(map) + [replacement(of: squeezed, by: " ")]
            case .trimmed: return table(map) + [replacement(of: trimmed, by: "")]
            case .kept, .split: return table(map)
            }
        }
    }

    /// Spaces of which one stays.
    static let squeezed = " {2,}"
    /// Spaces of which none stays: those at either end, and those before another.
    static let trimmed = #"\A +| +\z| +(?= )"#

    static func isReplacement(_ part: JSONField, of expression: String, by text: String) -> Bool {
        part["pattern"]["Regex"].value == .string(expression) && part["content"].value == .string(text)
    }

    private static func replacement(of expression: String, by text: String) -> JSON {
        ["type": "Replace", "pattern": ["Regex": .string(expression)], "content": .string(text)]
    }

    /// A table as the format has it, or a step for each of single scalars.
    private static func table(_ map: CharacterMap) -> [JSON] {
        guard map.bytes.isEmpty else {
            return [["type": "Precompiled", "precompiled_charsmap": .string(Data(map.bytes).base64EncodedString())]]
        }
        return map.scalars.sorted { $0.key < $1.key }.compactMap { value, others in
            guard let scalar = Unicode.Scalar(value) else { return nil }
            let content = String(String.UnicodeScalarView(others))
            return ["type": "Replace", "pattern": ["String": .string(String(scalar))], "content": .string(content)]
        }
    }
}
