import Testing
import yuyan

@Suite struct ColumnsTests {
    private func columns(_ text: String) -> Int { text.reduce(0) { $0 + $1.columns } }

    private static let writing: [(String, Int)] = [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("\u{A0}", 1), ("\u{AD}", 1), ("©", 1), ("☎", 1), ("❤", 1), ("1", 1),
        ("#", 1), ("ش", 1), ("क्ष", 2), ("☰", 2), ("½", 1), ("─", 1), ("①", 1), ("ｱ", 1), ("〿", 1), ("㉈", 1), ("🂡", 1),
        ("你", 2), ("、", 2), ("\u{3000}", 2), ("Ａ", 2), ("￥", 2), ("ア", 2), ("か\u{3099}", 2), ("한", 2), ("ꥠ", 2),
        ("\u{1112}\u{1161}\u{11AB}", 2), ("\u{3008}", 2), ("﹏", 2), ("𠀀", 2), ("𗀀", 2), ("🈂", 2), ("你好 a", 6),
    ]

    @Test(arguments: writing) func writingTakesItsEastAsianWidth(text: String, expected: Int) {
        #expect(columns(text) == expected)
    }

    private static let emoji = [
        "⭐", "✅", "⚡", "☕", "❌", "➕", "⌚", "⏰", "♈", "⬛", "🀄", "🆒", "😀", "🚀", "🟢", "🪐", "🫠", "🐦",
        "🇨🇳", "❤\u{FE0F}", "☎\u{FE0F}", "1\u{FE0F}\u{20E3}", "#\u{FE0F}\u{20E3}", "👍🏽", "☝🏽", "👩\u{200D}💻",
        "👨\u{200D}👩\u{200D}👧\u{200D}👦", "❤\u{FE0F}\u{200D}🔥", "❤\u{200D}🔥", "🏳\u{FE0F}\u{200D}🌈",
        "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
    ]

    @Test(arguments: emoji) func anEmojiIsTwoWideHoweverManyItIsMadeOf(text: String) {
        #expect(columns(text) == 2)
        #expect(columns("a\(text)b\(text)") == 6)
    }

    private static let marks: [(String, Int)] = [
        ("\u{301}", 0), ("\u{200B}", 0), ("\u{200D}", 0), ("\u{FEFF}", 0), ("\u{1F1E8}", 1), ("ก", 1),
        ("ก\u{E34}", 1), ("ก\u{E33}", 2), ("ກ\u{EB3}", 2), ("\t", 1),
    ]

    @Test(arguments: marks) func marksAndWhatStandsWithThem(text: String, expected: Int) {
        #expect(columns(text) == expected)
    }
}
