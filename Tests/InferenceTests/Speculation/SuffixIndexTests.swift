import Inference
import Testing

/// The index against a search of the whole text.
@Suite struct SuffixIndexTests {
    /// The longest end of the text that came up before, and where it ended the latest time.
    static func search(_ text: [Int32]) -> (length: Int, end: Int) {
        var best = (length: 0, end: 0)
        for end in (0..<text.count).reversed() where end > best.length {
            var length = 0
            while length < end, text[end - 1 - length] == text[text.count - 1 - length] { length += 1 }
            if length > best.length { best = (length, end) }
        }
        return best
    }

    func agree(_ text: [Int32]) {
        var index = SuffixIndex(), wrong: [Int] = []
        for count in text.indices {
            index.append(text[count])
            let best = Self.search(Array(text[...count]))
            if index.match != best { wrong.append(count) }
        }
        #expect(wrong.isEmpty && index.tokens == text)
    }

    @Test(arguments: [1, 2, 3, 4, 10, 100, 50_000], 1...3) func noiseIsFoundAsFarAsItAgrees(
        alphabet: Int32,
        seed: UInt64
    ) {
        var random = Lottery(seed: seed)
        agree((0..<400).map { _ in Int32.random(in: 0..<alphabet, using: &random) })
    }

    /// A text that quotes itself, with a slip now and then, as edited code does.
    @Test(arguments: 1...6 as ClosedRange<UInt64>) func quotationsAreFound(seed: UInt64) {
        var random = Lottery(seed: seed), text = (0..<60).map { _ in Int32.random(in: 0..<400, using: &random) }
        while text.count < 500 {
            let start = Int.random(in: 0..<text.count - 30, using: &random)
            text += text[start..<start + Int.random(in: 3...30, using: &random)]
            if random.next() % 2 == 0 { text.append(Int32.random(in: 0..<400, using: &random)) }
        }
        agree(text)
    }

    @Test func wordsAreFound() {
        let line =
            "for index in rows where rows[index] > index { rows[index] = index - rows[index] } // index of rows\n"
        agree(Array(repeating: line, count: 4).joined().utf8.map(Int32.init))
    }

    /// Every text of three letters and up to eight tokens.
    @Test(arguments: 0...8) func everyShortTextAgrees(length: Int) {
        let texts = (0..<length).reduce([[]] as [[Int32]]) { texts, _ in
            texts.flatMap { text in (0..<3).map { text + [$0] } }
        }
        var wrong = 0
        for text in texts {
            let match = text.reduce(into: SuffixIndex()) { $0.append($1) }.match
            if match != Self.search(text) { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    static let hard: [(String, @Sendable (Int) -> Int32)] = [
        ("the same", { _ in 5 }), ("a turn", { $0 < 10_000 ? 1 : 2 }), ("a period", { Int32($0 % 1000) }),
        ("all different", { Int32($0) }), ("pairs", { $0 % 2 == 0 ? 0 : Int32($0) }),
        ("noise of two", { Chance(seed: 1)[$0] < 0.5 ? 1 : 2 }),
        ("noise of many", { Int32(Chance(seed: 2)[$0] * 3000) }),
    ]

    @Test(arguments: hard.indices) func longTextsTakeLittleMemory(number: Int) {
        let index = (0..<20_000).reduce(into: SuffixIndex()) { $0.append(Self.hard[number].1($1)) }
        #expect(index.bytes < 160 * 20_000, "\(Self.hard[number].0)")
    }
}
