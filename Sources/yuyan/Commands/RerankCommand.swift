import ArgumentParser
import Foundation
import Inference
import Text

struct RerankCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerank",
        abstract: "Order texts by how well they answer a query.",
        discussion: """
            A reranker reads query and text together and scores them from 0 to 1; of a
            model that makes vectors the cosine is taken. Without texts, the lines of
            standard input are ordered:

              yuyan rerank ./bge-reranker-base "what is a swift?" < paragraphs.txt
            """
    )

    @Argument(help: "A name of the store, a folder or a file.")
    var model: String

    @Argument(help: "What to answer.")
    var query: String

    @Argument(help: "Texts; the lines of standard input if left out.")
    var documents: [String] = []

    @Option(help: ArgumentHelp("Print so many of the best.", valueName: "n"))
    var topN: Int?

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup(title: "Machine")
    var machine: VectorOptions

    func validate() throws {
        if query.isEmpty { throw ValidationError("the query is empty") }
        if let topN, topN < 1 { throw ValidationError("--top-n must be at least 1, not \(topN)") }
    }

    func run() async throws {
        let engine = VectorEngine(try machine.open(model))
        let given = try GivenTexts(documents), documents = given.texts
        let scores = try await scores(of: given, engine)
        let best = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        let lines = best.prefix(topN ?? best.count).map { index in
            RankedLine(index: index, score: scores[index], text: documents[index])
        }
        let rows = lines.map { [Figures.decimal(Double($0.score), 4), $0.text] }
        Terminal.write(json ? try encoded(Array(lines)) : Figures.table(rows) + "\n")
    }

    private func scores(of given: GivenTexts, _ engine: VectorEngine) async throws -> [Float] {
        let model = engine.model
        guard model.ranks else {
            let first = try VectorInput(model.tokens(query)).fitting(model, as: "the query")
            let others = try given.texts.enumerated().map { try given.input(model.tokens($1), at: $0, of: model) }
            let vectors = try await engine.vectors([first] + others).map(\.normalized)
            return vectors.dropFirst().map { zip(vectors[0], $0).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        let inputs = try given.texts.enumerated().map { index, document in
            try given.input(model.tokenizer.encode(query, with: document), at: index, of: model)
        }
        return try await engine.scores(inputs).map { 1 / (1 + exp(-$0)) }
    }
}

private struct RankedLine: Encodable {
    let index: Int, score: Float, text: String
}
