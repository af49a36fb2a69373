import Inference
import Testing

@Suite struct StopStringsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String, stops: [String], shown: String, stop: String?
        var testDescription: String { "\(text) | \(stops)" }
    }

    static let cases = [
        Case(text: "hello", stops: [], shown: "hello", stop: nil),
        Case(text: "one two three", stops: ["two"], shown: "one ", stop: "two"),
        Case(text: "stop", stops: ["stop"], shown: "", stop: "stop"),
        Case(text: "ababac", stops: ["abac"], shown: "ab", stop: "abac"),
        Case(text: "aaaaab", stops: ["aab"], shown: "aaa", stop: "aab"),
        Case(text: "almost sto", stops: ["stop"], shown: "almost sto", stop: nil),
        Case(text: "xabcdy", stops: ["abcd", "bc"], shown: "xa", stop: "bc"),
        Case(text: "xabcdy", stops: ["bcd", "abcd", "d"], shown: "x", stop: "abcd"),
        Case(text: "你好，世界。再见", stops: ["世界"], shown: "你好，", stop: "世界"),
        Case(text: "你好世人", stops: ["世界"], shown: "你好世人", stop: nil),
        Case(text: "👩‍👩‍👧 family\n\nUser:", stops: ["\n\n", "User:"], shown: "👩‍👩‍👧 family", stop: "\n\n"),
        Case(text: "é", stops: ["è"], shown: "é", stop: nil),
        Case(text: "a\n\n\nb", stops: ["\n\nb"], shown: "a\n", stop: "\n\nb"),
    ]

    /// Every way to cut the text into up to three pieces gives the same outcome, and never shows what must be taken back.
    @Test(arguments: cases) func cutsDoNotMatter(_ c: Case) {
        let letters = Array(c.text.unicodeScalars)
        for first in 0...letters.count {
            for second in first...letters.count {
                let pieces = [letters[..<first], letters[first..<second], letters[second...]]
                let (shown, stop) = play(pieces.map { String(String.UnicodeScalarView($0)) }, c.stops)
                #expect(shown == c.shown && stop == c.stop)
            }
        }
        let (shown, stop) = play(letters.map { String($0) }, c.stops)
        #expect(shown == c.shown && stop == c.stop)
    }

    func play(_ pieces: [String], _ stops: [String]) -> (String, String?) {
        var watch = StopStrings(stops), shown = ""
        for piece in pieces {
            let (text, stop) = watch.append(piece)
            shown += text
            if let stop { return (shown, stop) }
        }
        return (shown + watch.finish(), nil)
    }

    @Test func releasesAsSoonAsAStopIsImpossible() {
        var watch = StopStrings(["</s>"])
        #expect(watch.append("x</").released == "x")
        #expect(watch.append("b").released == "</b")
        #expect(watch.append("<").released == "")
        #expect(watch.finish() == "<")
    }

    /// Random texts over two letters against a search after every letter.
    @Test(arguments: 0..<200) func agreesWithTheNaiveSearch(seed: Int) {
        var random = Lottery(seed: UInt64(seed + 1))
        func word(_ lengths: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: lengths, using: &random)).map { _ in "ab".randomElement(using: &random)! })
        }
        let text = word(0...30), stops = (0..<Int.random(in: 1...3, using: &random)).map { _ in word(1...5) }
        var naive: (String, String?) = (text, nil)
        for end in text.indices.map({ text.index(after: $0) }) {
            let hits = stops.filter { text[..<end].hasSuffix($0) }
            if let hit = hits.max(by: { $0.count < $1.count }) {
                naive = (String(text[..<end].dropLast(hit.count)), hit)
                break
            }
        }
        let played = play(text.map { String($0) }, stops)
        #expect(played == naive)
    }
}
