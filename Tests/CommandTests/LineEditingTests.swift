import Testing
import yuyan

@Suite struct LineEditingTests {
    /// What a person types, as a terminal sends it.
    private func keys(_ bytes: String) -> [Key] { keys(Array(bytes.utf8)) }

    private func keys(_ bytes: [UInt8]) -> [Key] {
        var parser = KeyParser(), keys: [Key] = []
        for byte in bytes { keys += parser.take(byte) }
        return keys
    }

    private func edit(_ bytes: String, history: [String] = []) -> (buffer: LineBuffer, last: LineBuffer.Outcome) {
        var buffer = LineBuffer(history: history), last = LineBuffer.Outcome.editing
        for key in keys(bytes) { last = buffer.apply(key) }
        return (buffer, last)
    }

    @Test(arguments: [
        ("a", [Key.character("a")]), ("你", [.character("你")]), ("🐦", [.character("🐦")]),
        ("\u{1B}[A", [.up]), ("\u{1B}OB", [.down]), ("\u{1B}[1;5D", [.wordLeft]), ("\u{1B}\r", [.newline]),
        ("\u{7F}", [.backspace]), ("\u{1B}[3~", [.delete]), ("\u{3}", [.interrupt]), ("\u{1B}[99;99Z", [.unknown]),
        ("\u{1B}[200~a\r\nb\u{1B}[201~", [.paste("a\nb")]),
    ])
    func bytesBecomeKeys(bytes: String, expected: [Key]) {
        #expect(keys(bytes) == expected)
    }

    private static let spoilt: [([UInt8], String)] = [
        ([0x63, 0xE9, 0x20, 0x61], "c\u{FFFD} a"), ([0xE4, 0xBD, 0x61], "\u{FFFD}a"), ([0x80, 0x61], "\u{FFFD}a"),
        ([0xC0, 0x61], "\u{FFFD}a"), ([0xFF, 0x61], "\u{FFFD}a"), ([0xE9, 0xE4, 0xBD, 0xA0], "\u{FFFD}你"),
        ([0xF0, 0x9F, 0xE4, 0xBD, 0xA0], "\u{FFFD}你"), ([0x61, 0xE9, 0x7F, 0x62], "ab"),
        ([0xE9, 0x1B, 0x5B, 0x44, 0x61], "a\u{FFFD}"),
    ]

    @Test(arguments: spoilt) func aByteThatIsNoCharacterTakesNoneWithIt(bytes: [UInt8], expected: String) {
        var buffer = LineBuffer()
        for key in keys(bytes) { _ = buffer.apply(key) }
        #expect(buffer.string == expected)
    }

    @Test(arguments: [
        ("hello\u{1B}[D\u{1B}[DX", "helXlo"), ("one two\u{17}", "one "), ("one two\u{1}zero ", "zero one two"),
        ("abc\u{1B}[D\u{B}", "ab"), ("你好\u{7F}们", "你们"), ("abc\u{15}d", "d"), ("a\\\rb", "a\nb"),
        ("one two\u{1B}b\u{1B}bX", "Xone two"), ("ab\u{1B}[H\u{1B}[3~", "b"), ("a\u{1B}\rb", "a\nb"),
        ("👍🏽\u{7F}a", "a"), ("👩\u{200D}💻\u{7F}", ""), ("🇨🇳🇫🇷\u{7F}", "🇨🇳"), ("e\u{301}\u{1B}[Dx", "xe\u{301}"),
    ])
    func editing(bytes: String, expected: String) {
        #expect(edit(bytes).buffer.string == expected)
    }

    @Test func enterSubmitsAndControlDLeavesOnlyAnEmptyLine() {
        #expect(edit("hi\r").last == .submitted)
        #expect(edit("\u{4}").last == .ended)
        #expect(edit("ab\u{1B}[D\u{4}").buffer.string == "a")
        #expect(edit("hi\u{3}").last == .interrupted)
    }

    @Test func historyIsLookedThroughAndTheDraftIsKept() {
        let history = ["first", "second"]
        #expect(edit("draft\u{1B}[A", history: history).buffer.string == "second")
        #expect(edit("draft\u{1B}[A\u{1B}[A\u{1B}[A", history: history).buffer.string == "first")
        #expect(edit("draft\u{1B}[A\u{1B}[A\u{1B}[B\u{1B}[B", history: history).buffer.string == "draft")
    }

    @Test func upMovesBetweenLinesBeforeItGoesIntoTheHistory() {
        #expect(edit("one\u{1B}\rtwo\u{1B}[AX", history: ["old"]).buffer.string == "oneX\ntwo")
        #expect(edit("one\u{1B}\rtwo\u{1B}[A\u{1B}[A", history: ["old"]).buffer.string == "old")
    }

    @Test func anyBytesAtAllAreTaken() {
        var parser = KeyParser(), buffer = LineBuffer(history: ["x"]), state: UInt32 = 1
        for _ in 0..<50_000 {
            state = state &* 1_664_525 &+ 1_013_904_223
            for key in parser.take(UInt8(truncatingIfNeeded: state >> 16)) { _ = buffer.apply(key) }
            #expect(buffer.cursor >= 0 && buffer.cursor <= buffer.text.count)
        }
    }
}
