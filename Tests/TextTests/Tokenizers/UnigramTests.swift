import TestSupport
import Testing
import Text

/// The encoder finds the best of all cuts, as trying every one does.
@Suite struct UnigramTests {
    private static let letters = Array("aé中")

    @Test(arguments: 0..<40)
    func theBestOfAllCutsIsFound(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let longer = (0..<14).map { _ in Self.word(.random(in: 2...4, using: &random), using: &random) }
        let pieces = Array(Set(longer + ["a", "é"])).sorted()  // 中 alone is unknown
        let scores = pieces.map { _ in -Double.random(in: 1...9, using: &random) }
        let tokenizer = try Self.tokenizer(pieces, scores)
        for length in 0...8 {
            let word = Self.word(length, using: &random)
            let ids = tokenizer.encode(word), best = Self.best(word[...], pieces, scores)
            #expect(ids.flatMap(tokenizer.bytes(of:)) == Array(word.utf8))
            #expect(abs(Self.score(ids, scores) - best) < 1e-9, "\(word)")
        }
    }

    private static func tokenizer(_ pieces: [String], _ scores: [Double]) throws -> Tokenizer {
        let bytes = (0..<256).map { "<0x" + String($0 + 256, radix: 16, uppercase: true).suffix(2) + ">" }
        let kinds: [TokenizerSpecification.TokenKind] =
            pieces.map { _ in .normal } + [.unknown] + bytes.map { _ in .byte }
        return try Tokenizer(
            TokenizerSpecification(
                kind: .unigram(.init()),
                tokens: pieces + ["<unk>"] + bytes,
                kinds: kinds,
                scores: scores + kinds.dropFirst(pieces.count).map { _ in 0 },
                unknown: pieces.count
            )
        )
    }

    private static func word(_ count: Int, using random: inout SplitMix) -> String {
        String((0..<count).map { _ in letters.randomElement(using: &random)! })
    }

    /// Ten less than the worst piece for an unknown character, which is three bytes.
    private static func score(_ ids: [Int], _ scores: [Double]) -> Double {
        let bytes = ids.filter { $0 > scores.count }.count
        return ids.reduce(Double(bytes / 3) * (scores.min()! - 10)) { $0 + ($1 < scores.count ? scores[$1] : 0) }
    }

    private static func best(_ word: Substring, _ pieces: [String], _ scores: [Double]) -> Double {
        guard !word.isEmpty else { return 0 }
        var best = word.first == "中" ? scores.min()! - 10 + Self.best(word.dropFirst(), pieces, scores) : -.infinity
        for (piece, score) in zip(pieces, scores) where word.hasPrefix(piece) {
            best = max(best, score + Self.best(word.dropFirst(piece.count), pieces, scores))
        }
        return best
    }
}
