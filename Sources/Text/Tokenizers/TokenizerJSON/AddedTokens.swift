/// The `added_tokens` of a `tokenizer.json`, which are matched as a whole before anything else.
struct AddedTokens {
    private let entries: [(id: Int, content: String, isSpecial: Bool, stripsLeft: Bool)]

    /// `bares`: text meets added tokens as it was written, whether they ask for it (`normalized`) or not.
    init(_ field: JSONField, bares: Bool) throws {
        entries = try (field.optional?.elements ?? []).map { entry in
            for flag in ["rstrip", "single_word"] where entry[flag].value == true {
                throw TokenizerError.unsupported(field: entry[flag].path, value: "true", supported: "false")
            }
            guard bares || entry["normalized"].value != true else {
                throw TokenizerError.unsupported(field: entry["normalized"].path, value: "true", supported: "false")
            }
            let content = try entry["content"].string, id = try entry["id"].integer(in: 0...(1 << 24))
            let isSpecial = try entry["special"].optional?.bool ?? false
            return (id, content, isSpecial, try entry["lstrip"].optional?.bool ?? false)
        }
    }

    /// Gives tokens of the vocabulary their role, and appends those that are not there yet.
    func add(to specification: inout TokenizerSpecification) throws {
        for (id, content, isSpecial, stripsLeft) in entries.sorted(by: { $0.id < $1.id }) {
            if id == specification.tokens.count {
                specification.tokens.append(content)
                specification.kinds.append(.normal)
                if !specification.scores.isEmpty { specification.scores.append(0) }
            }
            guard id < specification.tokens.count else { throw TokenizerError.missingID(specification.tokens.count) }
            guard specification.tokens[id].isIdentical(to: content) else {
                throw TokenizerError.sharedID(id, content, specification.tokens[id])
            }
            if stripsLeft { specification.leftStripping.insert(id) }
            guard specification.kinds[id] != .unknown else { continue }
            specification.kinds[id] = isSpecial ? .control : .userDefined
        }
    }
}
