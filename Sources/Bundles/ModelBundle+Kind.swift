import Checkpoints

extension ModelBundle {
    /// Whether what lies there is a network that reads whole texts, as config.json says; false for what is no folder of a model.
    ///
    /// - Throws: ``BundleError`` for a config.json that cannot be read.
    public static func isEncoder(at path: String) throws -> Bool {
        let folder = BundleFolder(weights: path) ?? BundleFolder(path: path)
        guard folder.has("config.json") else { return E5File.begins(path) }
        let type: String? = try folder.settings("config.json").optional("model_type")
        return HubArchitecture.encoders.contains { $0.modelType == type }
    }
}
