extension GGUFArchitecture {
    /// The architecture that a model of these settings is written as, with its name in GGUF.
    ///
    /// Mistral is Llama's network, and GGUF has no other name for it.
    static func written(for settings: Settings) throws -> (name: String, architecture: GGUFArchitecture) {
        let type: String = try settings("model_type"), wanted = type == "mistral" ? llama.modelType : type
        guard let found = all.first(where: { $0.value.isWritten && $0.value.modelType == wanted }) else {
            let known = all.values.filter(\.isWritten).map(\.modelType).sorted().joined(separator: ", ")
            throw CheckpointError.setting(key: "model_type", value: "“\(type)”", expected: "one of \(known)")
        }
        return (found.key, found.value)
    }

    /// The file's name for a tensor of a model, by the same table as ``name(_:)``; nil where it has none.
    func spelling(_ name: String) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let suffix = parts.last, suffix == "weight" || suffix == "bias", !parts.contains("*")
        else { return nil }
        let layer = parts.firstIndex { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
        let stem = parts.indices.dropLast().map { $0 == layer ? "*" : parts[$0] }.joined(separator: ".")
        guard let found = names.first(where: { $0.value == stem })?.key else { return nil }
        return found.replacing("*", with: layer.map { String(parts[$0]) } ?? "") + "." + suffix
    }
}
