import TestSupport
import Testing
import Text

/// Cutting at joints, merging in place and merging by a heap give what the plain algorithm gives.
@Suite struct MergeTests {
    private static let vocabulary: TokenizerGolden.Vocabulary = TokenizerGolden.load("small-bpe")
    private static let ranks = Dictionary(
        uniqueKeysWithValues: (vocabulary.merges ?? []).enumerated().map { ($1, $0) }
    )
    private static let ids = Dictionary(uniqueKeysWithValues: vocabulary.tokens.enumerated().map { ($1, $0) })

    @Test(arguments: 0..<40)
    func aWordOfAnyLengthIsMergedAsByThePlainAlgorithm(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let tokenizer = TokenizerGolden.byteLevel("gpt-2")
        for length in [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144] {
            let word = Self.letters(length, using: &random)
            #expect(tokenizer.encode(word) == Self.plain(word), "\(word)")
        }
    }

    /// Sennrich et al. 2016, algorithm 1: merge the best pair until there is none.
    private static func plain(_ word: String) -> [Int] {
        var pieces = word.utf8.map(spelling)
        while true {
            let pairs = zip(pieces, pieces.dropFirst()).map { ranks["\($0) \($1)"] ?? .max }
            guard let best = pairs.min(), best != .max, let index = pairs.firstIndex(of: best) else { break }
            pieces[index] += pieces.remove(at: index + 1)
        }
        return pieces.map { ids[$0]! }
    }

    private static func spelling(_ byte: UInt8) -> String {
        let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
        if printable.contains(Int(byte)) { return String(Unicode.Scalar(byte)) }
        let others = (0..<256).filter { !printable.contains($0) }
        return String(Unicode.Scalar(UInt32(0x100 + others.firstIndex(of: Int(byte))!))!)
    }

    private static func letters(_ count: Int, using random: inout SplitMix) -> String {
        let alphabets = ["etaoinshrdlu", "的一是不了人我在有他这中大来上国", "оеаинтсрвл", "aé中я한"]
        let alphabet = Array(alphabets.randomElement(using: &random)!)
        return String((0..<count).map { _ in alphabet.randomElement(using: &random)! })
    }

    @Test(
        arguments: TokenizerGolden.families,
        ["a", "中", " ", "\n", "ab", "<|", "1", "\u{301}"]
    )
    func aLongRunIsNotQuadratic(_ family: TokenizerGolden.Family, unit: String) {
        let text = String(repeating: unit, count: 60_000 / unit.utf8.count)
        let ids = family.tokenizer.encode(text, addSpecial: false)
        #expect(family.tokenizer.decode(ids) == text)
    }

    @Test func manyThreadsMayEncodeAtOnce() async {
        let tokenizer = TokenizerGolden.byteLevel("qwen2")
        let expected = TokenizerGolden.texts.map { tokenizer.encode($0) }
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { #expect(TokenizerGolden.texts.map { tokenizer.encode($0) } == expected) }
            }
        }
    }
}
