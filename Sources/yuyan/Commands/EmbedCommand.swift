import ArgumentParser
import Bundles
import Checkpoints
import Foundation
import Inference
import Tensors

struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Make vectors of texts.",
        discussion: """
            Each argument is a text; without any, each line of standard input is one. A
            line of JSON comes out for each, in order:

              yuyan embed all-minilm-l6-v2 "A swift is a bird."
              yuyan embed ./multilingual-e5-small --prefix "passage: " < lines.txt
            """
    )

    @Argument(help: "A name of the store, a folder or a file.")
    var model: String

    @Argument(help: "Texts; the lines of standard input if left out.")
    var texts: [String] = []

    @Option(help: "Goes before each text, as some models want it.")
    var prefix = ""

    @Option(help: ArgumentHelp("Keep so many of a vector's numbers, and make its length 1 again.", valueName: "n"))
    var dimensions: Int?

    @Flag(help: "Print text, tokens and vector of each as an object.")
    var json = false

    @OptionGroup(title: "Machine")
    var machine: VectorOptions

    func validate() throws {
        if let dimensions, dimensions < 1 {
            throw ValidationError("--dimensions must be at least 1, not \(dimensions)")
        }
    }

    func run() async throws {
        let engine = VectorEngine(try machine.open(model)), model = engine.model
        guard !model.ranks else {
            throw BadInput("\(model.name) scores texts and makes no vectors: yuyan rerank uses it")
        }
        if let dimensions, dimensions > model.dimensions {
            throw BadInput("\(model.name) makes \(model.dimensions) numbers: --dimensions \(dimensions) is too many")
        }
        let given = try GivenTexts(texts)
        for range in given.batches {
            let inputs = try range.map { try given.input(model.tokens(prefix + given.texts[$0]), at: $0, of: model) }
            for (index, vector) in try await zip(range, engine.vectors(inputs)) {
                let vector = dimensions.map { Array(vector.prefix($0)).normalized } ?? vector
                let tokens = inputs[index - range.lowerBound].tokens.count
                let line = VectorLine(text: given.texts[index], tokens: tokens, embedding: vector)
                Terminal.write(json ? try encodedLine(line) : try encodedLine(vector))
            }
        }
    }
}

extension VectorModel {
    /// Opens a model of the store, a file, or a folder.
    static func open(_ stored: StoredModel, name: String? = nil, check: FingerprintCheck) throws -> VectorModel {
        try naming(stored.path) { try open(path: stored.path, name: name ?? stored.name, check: check) }
    }
}

private struct VectorLine: Encodable {
    let text: String, tokens: Int, embedding: [Float]
}

/// How a model of vectors is opened, and what it is given.
struct VectorOptions: ParsableArguments {
    @Option(.threads) var threads: Int?
    @Option(.cpus) var cpus: ProcessorList?

    @Flag(help: "Open a model though its tokenizer is not the one it was made with.")
    var ignoreFingerprint = false

    func open(_ name: String) throws -> VectorModel {
        try Workers(threads: threads, cpus: cpus).claim()
        let stored = try ModelOptions.locate(name)
        let model = try VectorModel.open(stored, check: ignoreFingerprint ? .ignored : .strict)
        if !stored.makesVectors {
            let why = "was not made for vectors: the state of a text's last token is taken for one"
            Terminal.complain("yuyan: \(model.name) \(why)")
        }
        return model
    }
}
