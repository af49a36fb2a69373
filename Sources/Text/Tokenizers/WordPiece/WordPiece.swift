/// WordPiece (Schuster & Nakajima 2012, as in Devlin et al. 2018): of each word the longest token that it begins with, and so on
/// with what is left; a word of which something is left is unknown as a whole.
struct WordPiece: Sendable {
    let rules: WordPieceRules
    /// Tokens that begin words, and those that go on, without their mark.
    private let beginnings, continuations: ByteTrie
    private let unknown: Int

    init(_ rules: WordPieceRules, _ specification: TokenizerSpecification) throws {
        guard let unknown = specification.unknown else {
            throw TokenizerError.missing(field: "an unknown token", model: "WordPiece")
        }
        (self.rules, self.unknown) = (rules, unknown)
        let spelled = specification.tokens.enumerated().map { (number: $0, bytes: Array($1.utf8)) }
        let mark = Array(rules.continuation.utf8)
        beginnings = ByteTrie(spelled)
        continuations = ByteTrie(
            spelled.filter { $0.bytes.starts(with: mark) }.map { ($0.number, Array($0.bytes.dropFirst(mark.count))) }
        )
    }

    func encode(_ text: UTF8Text, into ids: inout [Int]) {
        let bytes = UnsafeBufferPointer(start: text.base, count: text.count)
        for word in rules.words(of: String(decoding: bytes, as: UTF8.self)) {
            let start = ids.count
            guard word.count(where: { $0 & 0xC0 != 0x80 }) <= rules.longestWord, append(word, to: &ids) else {
                ids.removeLast(ids.count - start)
                ids.append(unknown)
                continue
            }
        }
    }

    /// Returns false where some of the word is left.
    private func append(_ word: [UInt8], to ids: inout [Int]) -> Bool {
        var start = 0
        while start < word.count {
            guard let found = longest(word, from: start) else { return false }
            ids.append(found.id)
            start = found.end
        }
        return true
    }

    private func longest(_ word: [UInt8], from start: Int) -> (id: Int, end: Int)? {
        let trie = start == 0 ? beginnings : continuations
        var node: UInt32 = 0, found: (id: Int, end: Int)?
        for index in start..<word.count {
            guard let child = trie.child(of: node, word[index]) else { break }
            node = child
            let id = trie.number(at: node)
            if id != ByteTrie.none { found = (Int(id), index + 1) }
        }
        return found
    }
}
