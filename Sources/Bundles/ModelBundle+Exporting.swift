import Checkpoints
public import Tensors
import Text

extension ModelBundle {
    /// Writes the model as one GGUF file, with its adapter worked in, its tokenizer, template and fingerprint.
    ///
    /// - Parameters:
    ///   - path: the file, which appears whole or not at all.
    ///   - type: what matrices are stored as, a type that ``Tensors/DType/isWritten``; nil leaves each as it is.
    ///   - name: what the file calls the model.
    /// - Throws: `CheckpointError` and ``BundleError/inexpressible(format:what:)`` for what the format cannot say.
    public func export(gguf path: String, type: DType? = nil, name: String? = nil) throws {
        if let type, !type.isWritten {
            let what =
                "\(type) is read but not written here; take float32, bfloat16, float16, q8_0, q5_1, q5_0, q4_1 or q4_0"
            throw BundleError.inexpressible(format: "This version", what: what)
        }
        var writer = try GGUFWriter(settings: settings, weights: merged, type: type)
        writer.metadata["general.name"] = name.map(GGUFValue.string)
        try tokenizer.write(to: &writer.metadata)
        writer.metadata["tokenizer.chat_template"] = template.map(GGUFValue.string)
        defaults.write(to: &writer.metadata)
        writer.metadata[Fingerprint.key] = .string(fingerprint.description)
        try writer.write(to: path)
    }
}
