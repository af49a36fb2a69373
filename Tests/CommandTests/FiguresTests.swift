import Checkpoints
import Inference
import Testing
import yuyan

@Suite struct FiguresTests {
    @Test(arguments: [(0, "0 B"), (999, "999 B"), (98_362_432, "98 MB"), (1_117_320_768, "1.12 GB"), (15_000, "15 kB")])
    func bytes(count: Int, expected: String) {
        #expect(Figures.bytes(count) == expected)
    }

    @Test(arguments: [(0.2, "1 s"), (59, "59 s"), (61, "1 min"), (3900, "1 h 5 min"), (.infinity, "277777 h 46 min")])
    func durations(seconds: Double, expected: String) {
        #expect(Figures.duration(seconds) == expected)
    }

    @Test(arguments: [20, 40, 60, 80, 200])
    func aProgressBarFitsItsTerminal(columns: Int) {
        let title = "qwen2.5-coder-0.5b-instruct"
        let progress = ProgressLine(title: title, completed: 236_000_000, total: 491_000_000, rate: 31e6)
        let line = progress.text(columns: columns)
        #expect(line.count < columns)
        #expect(columns < 80 || line.contains("48 %"))
        #expect(columns < 100 || line.contains("9 s left") && line.contains("█"))
    }

    @Test func columnsOfATableLineUp() {
        #expect(Figures.table([["a", "b"], ["long", "c"]]) == "a     b\nlong  c")
    }

    static let errors: [(error: any Error, code: Int32)] = [
        (StoreError.unknownModel("x", known: []), 65), (StoreError.network(url: "u", reason: "r"), 69),
        (StoreError.noSpace(folder: "f", needed: 2, free: 1), 1), (CheckpointError.missingKey("k"), 65),
        (EngineError.promptTooLong(tokens: 9, maxTokens: 1, limit: 4), 65), (CancellationError(), 130),
        (EngineError.badLogits(position: 5), 65),
    ]

    @Test(arguments: errors.indices)
    func errorsHaveTheirExitCodes(index: Int) {
        #expect(ExitStatus(Self.errors[index].error)?.code == Self.errors[index].code)
    }

    @Test(arguments: [
        ("plain\ttext\n", "plain\ttext\n"), ("\u{1B}[31mred\u{7}", "␛[31mred␇"), ("del\u{7F}", "del␡"),
        ("\u{9B}2J", "\u{FFFD}2J"), ("雨燕 🐦‍⬛ é", "雨燕 🐦‍⬛ é"), ("a\rb", "a␍b"),
    ])
    func aTextCannotCommandTheTerminal(text: String, shown: String) {
        #expect(text.harmless == shown)
    }
}
