import ArgumentParser
import Bundles
import Checkpoints
import Foundation

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tell what is known of a model.")

    @Argument(help: "A name of the store or the catalogue, a file or a folder.")
    var model: String

    @Flag(help: "Print the chat template and nothing else.")
    var template = false

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws {
        let store = ModelStore()
        let stored: StoredModel
        do { stored = try store.locate(model) } catch StoreError.notPulled(let name) {
            guard !template, let entry = store.catalogue[name] else { throw StoreError.notPulled(name) }
            return try print(FileReport(entry))
        }
        if let file = try? GGUFFile(path: stored.path) { return try show(stored, file) }
        // Whatever else it is; of a GGUF file that is damaged this says so.
        let bundle = try ModelBundle.open(stored.path, check: .ignored) { try store.locate($0).path }
        if template { return try write(bundle.template, of: stored) }
        try print(FileReport(stored, bundle))
    }

    private func show(_ stored: StoredModel, _ file: GGUFFile) throws {
        guard !file.tensors.isEmpty else { throw BadInput("\(stored.path) holds no weights: it is no model") }
        if template { return try write(file.metadata["tokenizer.chat_template"]?.text, of: stored) }
        let report: FileReport
        do { report = try file.naming { try FileReport(stored, file) } } catch let error as CheckpointError {
            throw BadInput("\(stored.path): \(error)")
        }
        try print(report)
    }

    private func write(_ template: String?, of stored: StoredModel) throws {
        guard let template else {
            let isEncoder = (try? ModelBundle.isEncoder(at: stored.path)) ?? false
            let reason = isEncoder ? "it makes vectors of texts" : "it is a base model"
            throw BadInput("\(stored.name) has no chat template: \(reason)")
        }
        Terminal.write(template + "\n")
    }

    private func print(_ report: FileReport) throws {
        Terminal.write(json ? try encoded(report) : Figures.table(report.rows) + "\n")
    }
}
