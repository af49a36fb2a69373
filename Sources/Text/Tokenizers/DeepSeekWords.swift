/// The words of DeepSeek's tokenizers before the third: five or six expressions in turn, each of which cuts what those before it
/// left whole, their matches too.
///
/// Ends of lines stand alone. `\s?[letters]+` is cut out, then `\s?[marks]+`, whose class has the Latin letters again: é ends a word
/// that begins with caf. Then spaces at the end of what is left, then ``han``, then each digit.
///
/// Whether two neighbours are parted is seen from them and the two that follow, but for spaces at an end.
struct DeepSeekWords: Sendable {
    /// What a scalar is to these expressions.
    struct Traits: OptionSet {
        let rawValue: UInt8
        static let line = Self(rawValue: 1), space = Self(rawValue: 2), letter = Self(rawValue: 4)
        static let mark = Self(rawValue: 8), han = Self(rawValue: 16), digit = Self(rawValue: 32)
    }

    /// Nil for all letters, and for all punctuation.
    let letters, marks: ScalarRanges?
    /// Whether spaces at the end of a stretch are a word: `\s+$`.
    let partsLastSpaces: Bool

    static let general = DeepSeekWords(letters: casedLetters, marks: asciiAndWideMarks, partsLastSpaces: true)
    static let code = DeepSeekWords(letters: nil, marks: nil, partsLastSpaces: false)

    /// The end of the word that begins at `start`.
    func wordEnd(in text: UTF8Text, from start: Int) -> Int {
        var window = Window(text, self, start)
        while window.end < text.count, !isParted(window) { window.slide() }
        return window.end
    }

    /// Whether a word ends after the window's first scalar.
    private func isParted(_ window: Window) -> Bool {
        let (a, b, c, d) = window.traits
        if a.symmetricDifference(b).contains(.han) || a.union(b).contains(.digit) { return true }
        if parts(a, b, c, d) { return true }
        return partsLastSpaces && !a.contains(.space) && b.contains(.space) && endsInSpaces(window)
    }

    /// Whether the first three expressions part a and b, which c and d follow.
    private func parts(_ a: Traits, _ b: Traits, _ c: Traits, _ d: Traits) -> Bool {
        if partsByLetters(a, b, c) { return true }
        if a.contains(.mark) != b.contains(.mark) { return a.contains(.mark) || !a.contains(.space) }
        return !a.contains(.mark) && b.contains(.space) && c.contains(.mark) && !partsByLetters(b, c, d)
    }

    private func partsByLetters(_ a: Traits, _ b: Traits, _ c: Traits) -> Bool {
        if a.union(b).contains(.line) { return true }
        if a.contains(.letter) != b.contains(.letter) { return a.contains(.letter) || !a.contains(.space) }
        return !a.contains(.letter) && b.contains(.space) && c.contains(.letter)
    }

    /// Whether from the window's second scalar on there is nothing but spaces, up to where the first three expressions part.
    private func endsInSpaces(_ window: Window) -> Bool {
        var window = window
        repeat {
            window.slide()
            let (a, b, c, d) = window.traits
            guard a.contains(.space) else { return false }
            if window.end >= window.text.count || parts(a, b, c, d) { return true }
        } while true
    }

    private func traits(_ text: UTF8Text, _ index: Int, _ scalar: UTF8Text.Scalar) -> Traits {
        guard index < text.count, let value = text.decode(at: index)?.value else { return [] }
        if text.isNewline(index) { return .line }
        var traits: Traits = []
        if ScalarClasses.spaces.contains(scalar.kind) { traits.insert(.space) }
        if ScalarClasses.numbers.contains(scalar.kind) { traits.insert(.digit) }
        if letters?.contains(value) ?? ScalarClasses.letters.contains(scalar.kind) { traits.insert(.letter) }
        if marks?.contains(value) ?? (scalar.kind == ScalarClass.punctuation.rawValue) { traits.insert(.mark) }
        if Self.han.contains(value) { traits.insert(.han) }
        return traits
    }

    /// Four scalars that follow each other, the first ending at `end`; past the text's end they have no traits.
    private struct Window {
        let text: UTF8Text, words: DeepSeekWords
        private(set) var end: Int, traits: (Traits, Traits, Traits, Traits) = ([], [], [], [])
        private var ends = (0, 0, 0)

        init(_ text: UTF8Text, _ words: DeepSeekWords, _ start: Int) {
            (self.text, self.words, end, ends) = (text, words, start, (start, start, start))
            for _ in 0..<4 { slide() }
        }

        mutating func slide() {
            let scalar = text.scalar(at: ends.2)
            traits = (traits.1, traits.2, traits.3, words.traits(text, ends.2, scalar))
            (end, ends) = (ends.0, (ends.1, ends.2, scalar.end))
        }
    }
}

extension DeepSeekWords {
    var expressions: [String] {
        let letters = letters.map { "[\($0.spelled)]" } ?? #"\p{L}"#
        let marks = marks.map { "[\($0.spelled)]" } ?? #"\p{P}"#
        let spaces = partsLastSpaces ? [#"\s+$"#] : []
        let turns = ["[\r\n]", #"\s?"# + letters + "+", #"\s?"# + marks + "+"]
        return turns + spaces + ["[\(Self.han.spelled)]+", PreTokenizer.number]
    }

    /// From Samaritan to the last of the first ideographs, and from Hangul's syllables on.
    private static let han = ScalarRanges("4E00-9FA5 800-4E00 AC00-D7FF")
    private static let asciiAndWideMarks = ScalarRanges("21-2F 3A-7E FF01-FF0F FF1A-FF5E 2018-201F 3000-3002")

    /// Letters that are small or capital, of an old version of Unicode.
    private static let casedLetters = ScalarRanges(
        """
        41-5A 61-7A B5 C0-D6 D8-F6 F8-1BA 1BC-1BF 1C4-293 295-2AF 370-373 376 377 37B-37D 37F 386 388-38A 38C 38E-3A1
        3A3-3F5 3F7-481 48A-52F 531-556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF 1D00-1D2B 1D6B-1D77
        1D79-1D9A 1E00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE
        1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC 1FF2-1FF4 1FF6-1FFC 2102 2107 210A-2113 2115 2119-211D 2124
        2126 2128 212A-212D 212F-2134 2139 213C-213F 2145-2149 214E 2183 2184 2C00-2C7B 2C7E-2CE4 2CEB-2CEE 2CF2 2CF3
        A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 FB13-FB17 FF21-FF3A FF41-FF5A
        10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 10CC0-10CF2 118A0-118DF 1E900-1E943
        """
    )
}
