import ArgumentParser
import Foundation
import Inference
import Training

struct PerplexityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Measure how well a model foretells a text.",
        discussion: """
            Reads text, JSONL, JSON and CSV as yuyan train does; each row is a document,
            scored with its end. Bits per character compare models whose tokenizers differ:

              yuyan perplexity classics validation.jsonl

            Of conversations the answers are scored, after the prompts that a server would
            have made.
            """
    )

    @Argument(help: "A name of the store, a run, a file or a folder; MODEL:ADAPTER for one with an adapter.")
    var model: String

    @Argument(help: "Files of text or of rows.")
    var files: [String]

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup(title: "Machine")
    var machine: ModelOptions

    func validate() throws {
        if machine.draftModel != nil { throw ValidationError("one model is measured: leave --draft-model out") }
    }

    func run() async throws { try await endingWhenInterrupted { try await measure() } }

    private func measure() async throws {
        let sources = try files.map { try DataSource(reading: $0) }
        var machine = try machine.machine()
        machine.draftModel = nil
        let served = try machine.open(named: model)
        let context = machine.context ?? min(served.contextLength, 2048)
        let report = try await onThread {
            let texts = MeasuredTexts(sources, served.tokenizer, served.template), note = ProgressLineOfText()
            let found = try likelihood(of: texts, served, context: context) { note.tell($0) }
            if let error = texts.error { throw error }
            guard found.tokens > 0 else {
                throw BadInput("there is nothing to score in \(files.joined(separator: ", "))")
            }
            return PerplexityReport(served.name, found, texts, context: context)
        }
        if let note = report.note { Terminal.complain(note) }
        Terminal.write(json ? try encoded(report) : Figures.table(report.rows) + "\n")
    }
}

/// What was measured, in the units that people compare.
private struct PerplexityReport: Encodable {
    let model: String, context, documents, tokens, characters, bytes, rejected: Int
    let perplexity, natsPerToken, bitsPerCharacter, bitsPerByte: Double
    let note: String?

    init(_ model: String, _ found: Likelihood, _ texts: MeasuredTexts, context: Int) {
        (self.model, self.context, documents, tokens) = (model, context, found.documents, found.tokens)
        (characters, bytes, rejected) = (texts.characters, texts.bytes, texts.rejected.count)
        (perplexity, natsPerToken) = (found.perplexity, found.nats / Double(found.tokens))
        bitsPerCharacter = found.bits / Double(max(1, characters))
        bitsPerByte = found.bits / Double(max(1, bytes))
        note = texts.rejected.first.map { "\(texts.rejected.count) rows were left out; the first: \($0)" }
    }

    private enum CodingKeys: String, CodingKey {
        case model, context, documents, tokens, characters, bytes, rejected
        case perplexity, natsPerToken, bitsPerCharacter, bitsPerByte
    }

    var rows: [[String]] {
        [
            ["documents", "\(documents)"], ["tokens scored", "\(tokens)"], ["characters", "\(characters)"],
            ["perplexity", Figures.decimal(perplexity, 4)], ["nats per token", Figures.decimal(natsPerToken, 4)],
            ["bits per character", Figures.decimal(bitsPerCharacter, 4)],
            ["bits per byte", Figures.decimal(bitsPerByte, 4)],
        ]
    }
}

/// Tells how far it is, on a terminal only.
private final class ProgressLineOfText {
    private var told = ContinuousClock.now - .seconds(1)

    func tell(_ found: Likelihood) {
        guard Terminal.errorIsTerminal, ContinuousClock.now - told > .milliseconds(200) else { return }
        told = .now
        let text =
            "\(found.documents) documents, \(found.tokens) tokens, perplexity \(Figures.decimal(found.perplexity, 3))"
        Terminal.draw("\r\(text)\u{1B}[K")
    }

    deinit { if Terminal.errorIsTerminal { Terminal.draw("\r\u{1B}[K") } }
}
