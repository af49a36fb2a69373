import Bundles
import Checkpoints
import Server
import Tensors

/// A model's file or folder, as `show` prints it.
struct FileReport: Encodable {
    private(set) var model: ModelReport
    private(set) var architecture: String?, parameters, layers, width, heads, kvHeads, vocabulary, contextLength: Int?
    private(set) var hasChatTemplate: Bool?, tensorTypes: [String: Int]?
    /// Of a model that makes vectors: what is taken of the states of a text's tokens, and whether it scores texts as well.
    private(set) var pooling: String?, ranks: Bool?

    init(_ entry: CatalogueEntry) { model = ModelReport(entry) }

    init(_ stored: StoredModel, _ file: GGUFFile) throws {
        model = ModelReport(stored)
        try read(file.settings)
        (architecture, parameters) = (file.architecture, file.parameters)
        tensorTypes = Dictionary(grouping: file.tensors, by: \.type.name).mapValues(\.count)
        describe(template: file.metadata["tokenizer.chat_template"]?.text, file.weights)
        guard ranks == false, let bundle = try? ModelBundle(file, check: .ignored) else { return }
        pooling = bundle.embedding?.pooling.rawValue ?? pooling
    }

    init(_ stored: StoredModel, _ bundle: ModelBundle) throws {
        if StoredModel.isAdapter(stored.path) {
            model = ModelReport(adapter: stored, among: try ModelStore().list())
        } else {
            model = ModelReport(stored)
        }
        try read(bundle.settings)
        let entries: [WeightEntry] = bundle.weights.entries
        parameters = entries.reduce(0) { $0 + $1.shape.reduce(1, *) }
        tensorTypes = Dictionary(grouping: entries, by: { ModelDetails.name(of: $0.dtype) }).mapValues(\.count)
        contextLength = bundle.embedding?.mostTokens ?? contextLength
        describe(template: bundle.template, bundle.weights)
        if ranks != true { pooling = bundle.embedding?.pooling.rawValue ?? pooling }
    }

    private mutating func read(_ settings: Checkpoints.Settings) throws {
        architecture = try settings.optional("model_type")
        layers = try settings.optional("num_hidden_layers")
        width = try settings.optional("hidden_size")
        heads = try settings.optional("num_attention_heads")
        kvHeads = try settings.optional("num_key_value_heads")
        vocabulary = try settings.optional("vocab_size")
        contextLength = try settings.optional("max_position_embeddings")
        guard ["roberta", "xlm-roberta"].contains(architecture), let most = contextLength else { return }
        // Their positions begin behind that of padding.
        let padding: Int = try settings.optional("pad_token_id") ?? 0
        contextLength = max(0, most - padding - 1)
    }

    /// What is to be said of a model that makes vectors, or else of one that writes.
    private mutating func describe(template: String?, _ weights: any NamedWeights) {
        guard model.kind == ModelKind.embedding.rawValue else {
            hasChatTemplate = template != nil
            if model.kind == nil { model.kind = (template == nil ? ModelKind.base : .chat).rawValue }
            return
        }
        let scores: Bool = weights.entries.contains { $0.name.hasPrefix("classifier.") }
        (ranks, pooling) = (scores, scores ? nil : "mean")
    }

    var rows: [[String]] {
        let types = tensorTypes?.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        let rows: [(String, String?)] = [
            ("name", model.name), ("file", model.path ?? "not pulled yet: yuyan pull \(model.name)"),
            ("size", Figures.bytes(model.bytes)), ("sha256", model.sha256), ("kind", model.kind), ("base", model.base),
            ("licence", model.licence), ("from", model.source), ("architecture", architecture),
            ("parameters", parameters.map { Figures.decimal(Double($0) / 1e6, 0) + " million" }),
            ("layers", layers.map(String.init)), ("width", width.map(String.init)),
            ("heads", heads.map { "\($0), \(kvHeads ?? $0) for keys and values" }),
            ("vocabulary", vocabulary.map { "\($0) tokens" }),
            ("context", (contextLength ?? model.context).map { "\($0) tokens" }),
            ("chat template", hasChatTemplate.map { $0 ? "yes" : "none: a base model" }), ("vectors", vectors),
            ("tensors", types?.joined(separator: ", ")), ("problem", model.problem),
        ]
        return rows.compactMap { name, value in value.map { [name, $0.harmless] } }
    }

    /// What a model that makes vectors is of use for.
    private var vectors: String? {
        guard let ranks else { return nil }
        if ranks { return "none, it scores texts: yuyan rerank" }
        let numbers = width.map { "\($0) numbers" } ?? "yes"
        return [numbers, pooling.map { "pooling \($0)" }].compactMap { $0 }.joined(separator: ", ") + ": yuyan embed"
    }
}
