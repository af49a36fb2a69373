public import Checkpoints
public import Tensors
import Text

extension ModelBundle {
    /// Why a GGUF file has no place for the model's tokenizer, which is known before anything is learnt; nil where it has one.
    public var ggufProblem: String? {
        var metadata = GGUFMetadata()
        do {
            try tokenizer.write(to: &metadata)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Writes the model as one GGUF file, with its adapter worked in, its tokenizer, template and fingerprint.
    ///
    /// - Parameters:
    ///   - path: the file, which appears whole or not at all.
    ///   - type: what matrices are stored as, a type that `DType.isWritten`; nil leaves each as it is.
    ///   - name: what the file calls the model.
    /// - Throws: `CheckpointError`, `StoreError` and ``BundleError/inexpressible(format:what:)`` for what the format cannot say.
    public func export(gguf path: String, type: DType? = nil, name: String? = nil) throws {
        if let type, !type.isWritten {
            let written = DType.allCases.filter(\.isWritten).map(\.rawValue).joined(separator: ", ")
            let what = "\(type) is read but not written here; take one of \(written)"
            throw BundleError.inexpressible(format: "This version", what: what)
        }
        try ggufWriter(recipe: type.map(Recipe.init(uniform:)), name: name).write(to: path)
    }

    /// The same file, about to be written: its `GGUFWriter.plan` says what becomes of each tensor.
    ///
    /// - Parameters:
    ///   - recipe: what matrices are stored as; nil leaves each as it is.
    ///   - importance: what an error in each of their columns costs.
    public func ggufWriter(
        recipe: Recipe?,
        importance: Importance? = nil,
        name: String? = nil
    ) throws -> GGUFWriter {
        try requireAgreement()
        var writer = try GGUFWriter(settings: settings, weights: merged, recipe: recipe, importance: importance)
        writer.metadata["general.name"] = name.map(GGUFValue.string)
        try tokenizer.write(to: &writer.metadata)
        describeVectors(in: &writer)
        writer.metadata["tokenizer.chat_template"] = template.map(GGUFValue.string)
        defaults.write(to: &writer.metadata)
        writer.metadata[Fingerprint.key] = .string(fingerprint.description)
        return writer
    }

    /// How vectors are made of texts, for an encoder and for what says so; a head that scores texts is a way of its own.
    private func describeVectors(in writer: inout GGUFWriter) {
        let isEncoder = HubArchitecture.encoders.contains { settings["model_type"] == .string($0.modelType) }
        guard isEncoder || embedding != nil, let name = writer.metadata["general.architecture"]?.text else { return }
        let scores = writer.plan.contains { $0.name == "cls.output.weight" }
        (embedding ?? EmbeddingDefaults(pooling: .mean)).write(to: &writer.metadata, of: name, scores: scores)
    }
}
