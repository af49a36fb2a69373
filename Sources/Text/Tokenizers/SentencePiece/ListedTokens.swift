/// Tokens that the reference library puts beside those of a file without them, or in place of one that the training kept free.
struct ListedTokens {
    private struct Entry {
        var content: String, isSpecial = false, stripsLeft = false
    }

    private var entries: [Int: Entry] = [:]
    private let specials: [String]

    /// - Parameters:
    ///   - added: `added_tokens.json`, ids by spelling.
    ///   - configuration: `tokenizer_config.json`, whose `added_tokens_decoder` has the last word.
    init(added: JSON?, _ configuration: JSONField) throws {
        for (content, id) in try JSONField(added).optional?.object ?? [:] {
            let field = JSONField(id, path: "added_tokens.json.\(content)")
            entries[try field.integer(in: 0...TokenizerSpecification.maximumCount)] = Entry(content: content)
        }
        let listed = configuration["added_tokens_decoder"]
        for (key, value) in try listed.optional?.object ?? [:] {
            let field = listed[key]
            guard let id = Int(key) else { throw field.unexpected("under the id of a token") }
            entries[id] = try Self.entry(JSONField(value, path: field.path))
        }
        let names = try configuration["additional_special_tokens"].optional?.elements ?? []
        specials = try names.map { try $0.value?.string ?? $0["content"].string }
    }

    private static func entry(_ field: JSONField) throws -> Entry {
        guard field["rstrip"].value != true else {
            throw TokenizerError.unsupported(field: field["rstrip"].path, value: "true", supported: "false")
        }
        return Entry(
            content: try field["content"].string,
            isSpecial: try field["special"].optional?.bool ?? false,
            stripsLeft: try field["lstrip"].optional?.bool ?? false
        )
    }

    /// Ids go on where those of the file end, without a gap.
    func add(to specification: inout TokenizerSpecification) throws {
        for (id, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let count = specification.tokens.count
            guard 0...count ~= id else { throw TokenizerError.missingID(count) }
            if id == count {
                specification.tokens.append("")
                specification.kinds.append(.normal)
                if !specification.scores.isEmpty { specification.scores.append(0) }
            }
            specification.tokens[id] = entry.content
            if entry.stripsLeft { specification.leftStripping.insert(id) }
            guard specification.kinds[id] != .unknown else { continue }
            let isSpecial = entry.isSpecial || specials.contains { $0.isIdentical(to: entry.content) }
            specification.kinds[id] = isSpecial ? .control : .userDefined
        }
    }
}
