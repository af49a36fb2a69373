import TestSupport
import Testing
import Text

/// Merges as no training makes them: in circles, twice, before their own parts, of a token with itself.
@Suite struct HostileMergeTests {
    private static let alphabet: [String] = ["a", "b"]

    /// Lists of merges whose results are parts of each other, over the alphabet and what they make.
    static let lists: [[String]] = [
        ["a b", "b a", "ab a", "a ba", "ba b", "b ab", "aba b", "a bab"],
        ["a a", "aa a", "a aa", "aa aa", "aaa a", "aaaa aaaa"],
        ["aa aa", "a a", "aa a"],  // a part that is made only by a later merge
        ["a b", "a b", "ab ab", "ab ab", "b a"],  // the same twice
        ["ab ba", "ba ab", "a b", "b a", "abba abba"],
    ]

    private static func tokens(_ merges: [String]) -> [String] {
        var tokens = (0..<256).map(spelling)
        for merge in merges {
            let whole = merge.filter { $0 != " " }
            for token in merge.split(separator: " ").map(String.init) + [whole] where !tokens.contains(token) {
                tokens.append(token)
            }
        }
        return tokens
    }

    private static func tokenizer(_ merges: [String]) throws -> Tokenizer {
        try Tokenizer(
            TokenizerSpecification(gguf: "gpt2", pre: "gpt-2", tokens: tokens(merges), scores: [], merges: merges)
        )
    }

    /// Sennrich et al. 2016, algorithm 1; of a merge that is listed twice the better rank counts, or the worse, but one of them always.
    private static func plain(_ word: String, _ ranks: [String: Int]) -> [String] {
        var pieces = word.map(String.init)
        while true {
            let pairs = zip(pieces, pieces.dropFirst()).map { ranks["\($0) \($1)"] ?? .max }
            guard let best = pairs.min(), best != .max, let index = pairs.firstIndex(of: best) else { return pieces }
            pieces[index] += pieces.remove(at: index + 1)
        }
    }

    @Test(arguments: lists.indices)
    func aWordIsMergedAsByThePlainAlgorithm(index: Int) throws {
        let merges = Self.lists[index], tokenizer = try Self.tokenizer(merges), tokens = Self.tokens(merges)
        let numbered = merges.enumerated().map { ($1, $0) }
        let tables = [
            Dictionary(numbered) { first, _ in first }, Dictionary(numbered) { _, last in last },
        ]
        var random = SplitMix(seed: UInt64(index))
        for length in 1...70 {
            let word = (0..<length).map { _ in Self.alphabet.randomElement(using: &random) ?? "a" }.joined()
            let found = tokenizer.encode(word)
            #expect(tables.contains { table in Self.plain(word, table) == found.map { tokens[$0] } }, "\(word)")
            #expect(tokenizer.decode(found) == word)
        }
    }

    @Test(arguments: lists.indices)
    func aLongWordEnds(index: Int) throws {
        let tokenizer = try Self.tokenizer(Self.lists[index])
        for unit in ["a", "ab", "aab", "abba"] {
            let word = String(repeating: unit, count: 60_000 / unit.count)
            #expect(tokenizer.decode(tokenizer.encode(word)) == word)
        }
    }

    @Test(arguments: [["a b c"], ["ab"], [" a"], ["a "], [""], ["zz a"], ["a zz"]])
    func aMergeThatIsNoneIsRefused(merges: [String]) {
        let tokens = (0..<256).map(Self.spelling)
        #expect(throws: TokenizerError.self) {
            try Tokenizer(
                TokenizerSpecification(gguf: "gpt2", pre: "gpt-2", tokens: tokens, scores: [], merges: merges)
            )
        }
    }

    /// GPT-2's letter for a byte.
    private static func spelling(_ byte: Int) -> String {
        let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
        if printable.contains(byte) { return String(UnicodeScalar(UInt8(byte))) }
        let others = (0..<256).filter { !printable.contains($0) }
        return UnicodeScalar(0x100 + (others.firstIndex(of: byte) ?? 0)).map { String(Character($0)) } ?? ""
    }
}
