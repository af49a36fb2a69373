import Checkpoints

extension ModelBundle {
    /// What the form of its weights is called: `gguf`, `e5s1` or `safetensors`.
    public static func format(at path: String) -> String {
        if E5File.begins(path) { return "e5s1" }
        return (try? GGUFFile(path: path)) == nil ? "safetensors" : "gguf"
    }

    /// Whether what lies there is a network that reads whole texts, as config.json or a GGUF file's header says; false for what is no model.
    ///
    /// - Throws: ``BundleError`` for a config.json that cannot be read.
    public static func isEncoder(at path: String) throws -> Bool {
        let folder = BundleFolder(weights: path) ?? BundleFolder(path: path)
        guard folder.has("config.json") else {
            guard !E5File.begins(path) else { return true }
            let type = (try? GGUFFile(path: path))?.settings["model_type"]
            return HubArchitecture.encoders.contains { .string($0.modelType) == type }
        }
        let type: String? = try folder.settings("config.json").optional("model_type")
        return HubArchitecture.encoders.contains { $0.modelType == type }
    }

    /// Whether what lies there makes vectors of texts, as its files say: an encoder; a network of any kind in a folder of
    /// `sentence-transformers`, which has a `modules.json`; or a GGUF file with a type of pooling.
    ///
    /// - Throws: ``BundleError`` for a config.json that cannot be read.
    public static func makesVectors(at path: String) throws -> Bool {
        if try isEncoder(at: path) { return true }
        let folder = BundleFolder(weights: path) ?? BundleFolder(path: path)
        if folder.has("config.json") { return folder.has("modules.json") }
        guard let file = try? GGUFFile(path: path) else { return false }
        return (file.metadata[file.architecture + ".pooling_type"]?.integer ?? 0) > 0
    }
}
