import Foundation
import Testing

/// Help is read in terminals of 80 columns, and its examples are copied.
@Suite struct HelpTests {
    static let commands = [
        "serve", "chat", "run", "embed", "rerank", "pull", "list", "show", "convert", "quantize", "rm", "train", "plan",
        "runs", "tokenizer", "bench", "perplexity",
    ]

    @Test(arguments: [[]] + commands.map { [$0] }) func examplesStayOnTheirLines(command: [String]) throws {
        let run = try Executable().run(command + ["--help"])
        #expect(run.status == 0)
        let text = run.output.prefix(upTo: run.output.range(of: "USAGE:")?.lowerBound ?? run.output.endIndex)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("  ") && line.contains("yuyan ") {
            #expect(next.isEmpty || next.hasPrefix("  "), "\(line)⏎\(next)")
        }
    }
}
