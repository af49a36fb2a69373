import ArgumentParser
import Checkpoints
import Foundation

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tell what is known of a model.")

    @Argument(help: "A name of the store or the catalogue, or a file.")
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
        let file = try GGUFFile(path: stored.path)
        guard !file.tensors.isEmpty else { throw BadInput("\(stored.path) holds no weights: it is no model") }
        if template {
            guard let text = file.metadata["tokenizer.chat_template"]?.text else {
                throw BadInput("\(stored.name) has no chat template: it is a base model")
            }
            return Terminal.write(text + "\n")
        }
        let report: FileReport
        do { report = try FileReport(stored, file) } catch let error as CheckpointError {
            throw BadInput("\(stored.path): \(error)")
        }
        try print(report)
    }

    private func print(_ report: FileReport) throws {
        Terminal.write(json ? try encoded(report) : Figures.table(report.rows) + "\n")
    }
}

/// A model's file, as `show` prints it.
struct FileReport: Encodable {
    let model: ModelReport
    var architecture: String?, parameters, layers, width, heads, kvHeads, vocabulary, contextLength: Int?
    var hasChatTemplate: Bool?, tensorTypes: [String: Int]?

    init(_ entry: CatalogueEntry) { model = ModelReport(entry) }

    init(_ stored: StoredModel, _ file: GGUFFile) throws {
        model = ModelReport(stored)
        let s = file.settings
        (architecture, parameters) = (file.architecture, file.parameters)
        layers = try s.optional("num_hidden_layers")
        width = try s.optional("hidden_size")
        heads = try s.optional("num_attention_heads")
        kvHeads = try s.optional("num_key_value_heads")
        vocabulary = try s.optional("vocab_size")
        contextLength = try s.optional("max_position_embeddings")
        hasChatTemplate = file.metadata["tokenizer.chat_template"] != nil
        tensorTypes = Dictionary(grouping: file.tensors, by: \.type.name).mapValues(\.count)
    }

    var rows: [[String]] {
        let types = tensorTypes?.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let rows: [(String, String?)] = [
            ("name", model.name), ("file", model.path ?? "not pulled yet: yuyan pull \(model.name)"),
            ("size", Figures.bytes(model.bytes)), ("sha256", model.sha256), ("licence", model.licence),
            ("from", model.source), ("architecture", architecture),
            ("parameters", parameters.map { Figures.decimal(Double($0) / 1e6, 0) + " million" }),
            ("layers", layers.map(String.init)), ("width", width.map(String.init)),
            ("heads", heads.map { "\($0), \(kvHeads ?? $0) for keys and values" }),
            ("vocabulary", vocabulary.map { "\($0) tokens" }),
            ("context", (contextLength ?? model.context).map { "\($0) tokens" }),
            ("chat template", hasChatTemplate.map { $0 ? "yes" : "none: a base model" }), ("tensors", types),
        ]
        return rows.compactMap { name, value in value.map { [name, $0.harmless] } }
    }
}
