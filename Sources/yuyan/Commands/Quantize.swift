import ArgumentParser
import Bundles
import Checkpoints
import Foundation

struct Quantize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a model smaller: fewer bits for each weight.",
        discussion: """
            Writes one GGUF file, which llama.cpp and its kin read too. q4_k_m keeps most
            of a model's wits in a quarter of its size; with a text like those it will see,
            it knows which weights matter more:

              yuyan quantize hotline q4.gguf --type q4_k_m --calibration chats.jsonl

            Of a mix such as q4_k_m the head, and values and MLP outputs of some layers,
            get more bits. Rows that do not fill blocks of 256 are stored in blocks of 32;
            the command says which. yuyan convert goes the other way: yuyan convert
            hotline-q4.gguf folder --type bfloat16.
            """
    )

    @Argument(help: "A name of the store, a run, a GGUF file, or a folder in the Hub's or in PEFT's layout.")
    var model: String

    @Argument(help: "The file to write, which must end in .gguf.")
    var target: String

    @Option(help: "How weights are stored: \(Recipe.all.map(\.name).joined(separator: ", ")).")
    var type = "q4_k_m"

    @Option(
        help: ArgumentHelp(
            "Text that the model reads to learn which weights matter; may be given several times.",
            valueName: "file"
        )
    )
    var calibration: [String] = []

    @Option(help: ArgumentHelp("Read at most this many pieces of the text.", valueName: "n"))
    var chunks: Int?

    @Option(help: ArgumentHelp("Tokens in a piece of the text; 512 unless the model takes fewer.", valueName: "n"))
    var context: Int?

    @Option(help: ArgumentHelp("An importance matrix made earlier, here or by llama.cpp.", valueName: "file"))
    var imatrix: String?

    @Option(help: ArgumentHelp("Keep the importance matrix, as llama.cpp's tools read it.", valueName: "file"))
    var imatrixOut: String?

    @Option(help: "What the file calls the model; its own name if left out.")
    var name: String?

    @Flag(help: "Round again what was rounded to fewer than 8 bits before, though it errs twice.")
    var allowRequantize = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard let recipe = Recipe.named(type) else {
            let known = Recipe.all.map(\.name).joined(separator: ", ")
            throw ValidationError("--type '\(type)' is not one of \(known)")
        }
        guard target.lowercased().hasSuffix(".gguf") else { throw ValidationError("'\(target)' must end in .gguf") }
        if !calibration.isEmpty, imatrix != nil { throw ValidationError("--calibration or --imatrix, not both") }
        if imatrixOut != nil, calibration.isEmpty {
            throw ValidationError("--imatrix-out keeps what --calibration finds; name a text")
        }
        if !recipe.heedsImportance, !calibration.isEmpty || imatrix != nil {
            throw ValidationError("\(type) leaves nothing to choose: leave --calibration and --imatrix out")
        }
        if let context, context < 4 { throw ValidationError("--context must be at least 4") }
        if let chunks, chunks < 1 { throw ValidationError("--chunks must be at least 1") }
    }

    func run() async throws {
        try Workers().claim()
        let place = (target as NSString).expandingTildeInPath, stop = StopFlag()
        let kept = imatrixOut.map { ($0 as NSString).expandingTildeInPath }
        for path in [place, kept].compactMap(\.self) { try requireNew(path) }
        let interruption = Interruption { stop.set() }
        defer { interruption.end() }
        let report = try await onThread { try quantised(to: place, keeping: kept, stop) }
        Terminal.write(json ? try encoded(report) : report.text)
    }

    private func quantised(to place: String, keeping kept: String?, _ stop: StopFlag) throws -> QuantisationReport {
        guard let recipe = Recipe.named(type) else { throw BadUsage("--type '\(type)' is not known") }
        let bundle = try ModelBundle.named(model)
        let name = name ?? URL(filePath: place).deletingPathExtension().lastPathComponent
        try requireUnrounded(sayingWhatHolds(model) { try bundle.ggufWriter(recipe: recipe).plan })
        let importance = try importance(of: bundle, stop)
        if let kept { try importance?.write(to: kept, for: bundle.settings) }
        let writer = try bundle.ggufWriter(recipe: recipe, importance: importance, name: name)
        let meter = Meter("writing", total: writer.byteCount, unit: Figures.bytes)
        defer { meter.finish() }
        try writer.write(to: place) { written in
            if stop.isSet { throw CancellationError() }
            meter.update(written)
        }
        return QuantisationReport(place, recipe, writer, importance)
    }

    private func importance(of bundle: ModelBundle, _ stop: StopFlag) throws -> Importance? {
        if let imatrix {
            return try Importance(path: (imatrix as NSString).expandingTildeInPath, for: bundle.settings)
        }
        guard !calibration.isEmpty else { return nil }
        return try CalibrationText(calibration).importance(of: bundle, context: context, chunks: chunks, stop)
    }

    private func requireUnrounded(_ plan: [PlannedTensor]) throws {
        let again = plan.filter(\.isRoundedAgain)
        guard let first = again.first, !allowRequantize else { return }
        throw BadInput(
            """
            \(again.count) tensors of \(model) are rounded already, such as \(first.name) to \(first.source): rounded again, \
            to \(first.stored), they err twice. Take the model in float32, float16, bfloat16 or q8_0, or say --allow-requantize
            """
        )
    }

    private func requireNew(_ path: String) throws {
        let files = FileManager.default, folder = URL(filePath: path).deletingLastPathComponent().path
        guard !files.fileExists(atPath: path) else {
            throw BadInput("\(path) is there already; remove it first, or name another target")
        }
        guard files.isWritableFile(atPath: folder) else {
            throw BadInput("\(path) cannot be written: \(folder) is no folder that you may write to")
        }
    }
}
