import Grammars
import Testing

/// A vocabulary of single bytes and of pieces as tokenizers have them.
enum Vocabularies {
    static let pieces = [
        "true", "false", "null", "{\"", "\":", "\": ", "\", \"", "\",", "\"}", "\"]", "},", "}]", "]}", "}}", ", ",
        "[]", "{}",
        " {", " [", "\n", "\n  ", "\n\n", "    ", "the", " the", "name", "\"name", "na", "me\"", "me\":", "age", "12",
        "123", "0.5",
        "-1", "e5", "1e", "\\n", "\\\"", "\\u00", "中", "中文", "é", "ab", "abc", "aaaa", "aaaaaaaa", "<tool", "_call>",
        "yes", "no",
        "\"yes\"", "202", "-0", "0-", "T1", ":00", "Z\"", "@", ".com", "a\"", "b\"}", "\"a\"", "\"b\": ", "1,", "1]",
        "1}", " 1",
    ]

    static let bytes: [[UInt8]] = (0...255).map { [UInt8($0)] }
    static let halves: [[UInt8]] = [
        [0xE4, 0xB8], [0xB8, 0xAD], [0xAD, 0x22], [0x22, 0xE4], [0xC3], [0xA9, 0x22, 0x7D],
    ]
    static let all = bytes + pieces.map { Array($0.utf8) } + halves

    /// The last token ends an answer.
    static let trie = TokenTrie(count: all.count + 1, ends: [all.count]) { $0 < all.count ? all[$0] : nil }
    static var end: Int { all.count }
}

extension Matcher {
    init(_ grammar: Grammar) throws { self.init(try CompiledGrammar(grammar, for: Vocabularies.trie)) }

    /// Whether the whole text is of the grammar.
    static func takes(_ text: String, _ grammar: Grammar) throws -> Bool {
        var matcher = try Matcher(grammar)
        for byte in text.utf8 where !matcher.accept(Int(byte)) { return false }
        return matcher.canEnd
    }

    /// The tokens that may come, found by trying each.
    mutating func slowMask() -> [Int] {
        var tokens: [Int] = []
        for (id, bytes) in Vocabularies.all.enumerated() where allows(bytes) { tokens.append(id) }
        return tokens + (canEnd && !isOver ? [Vocabularies.end] : [])
    }
}

/// Numbers that look random and are always the same.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Writes a text by taking tokens at random, the end as soon as it may; checks each mask against the slow way.
func randomText(_ grammar: Grammar, seed: Int, checks: Bool = true, most: Int = 400) throws -> String? {
    var matcher = try Matcher(grammar), dice = Dice(seed: seed), bytes: [UInt8] = []
    for step in 0..<most {
        let tokens = matcher.mask().tokens
        if checks {
            let slow = matcher.slowMask()
            #expect(tokens == slow, "step \(step) of seed \(seed)")
        }
        guard !tokens.isEmpty else { return nil }
        if matcher.canEnd, step > 30 || matcher.isComplete || Int.random(in: 0..<3, using: &dice) == 0 { break }
        let token = tokens.filter { $0 != Vocabularies.end }.randomElement(using: &dice)!
        let isTaken = matcher.accept(token)
        #expect(isTaken)
        bytes += Vocabularies.all[token]
    }
    return matcher.canEnd ? String(decoding: bytes, as: UTF8.self) : nil
}
