public import Text

extension TokenizerSpecification {
    /// The same tokenizer with tokens for rows that a network has beyond it, as llama.cpp's converter names them: no text has
    /// such a token.
    ///
    /// - Throws: ``BundleError/vocabulary(tokens:rows:)`` where there are fewer rows than tokens, `TokenizerError` where it has not as
    ///   many types as tokens.
    public func padded(to rows: Int) throws -> TokenizerSpecification {
        guard tokens.count <= rows else { throw BundleError.vocabulary(tokens: tokens.count, rows: rows) }
        guard tokens.count < rows else { return self }
        // Once they are filled up nobody could tell how long they were.
        guard kinds.isEmpty || kinds.count == tokens.count else {
            throw TokenizerError.mismatchedCounts(field: "token types", expected: tokens.count, found: kinds.count)
        }
        var result = self
        if kinds.isEmpty { result.kinds = Array(repeating: .normal, count: tokens.count) }
        for id in tokens.count..<rows {
            result.tokens.append(Self.filler(id))
            result.kinds.append(.unused)
            if !scores.isEmpty { result.scores.append((scores.min() ?? 0) - 1) }
        }
        return result
    }

    /// The same tokenizer without such tokens.
    var unpadded: TokenizerSpecification {
        var count = tokens.count
        while count > 0, kinds.indices.contains(count - 1), kinds[count - 1] == .unused,
            tokens[count - 1] == Self.filler(count - 1)
        { count -= 1 }
        guard count < tokens.count else { return self }
        var result = self
        result.tokens.removeLast(tokens.count - count)
        result.kinds.removeLast(tokens.count - count)
        if !scores.isEmpty { result.scores.removeLast(tokens.count - count) }
        return result
    }

    private static func filler(_ id: Int) -> String { "[PAD\(id)]" }
}
