public import Checkpoints

extension ModelBundle {
    /// The settings of a folder in the Hub's layout as its network reads them, from its config.json alone.
    ///
    ///     let context: Int = try ModelBundle.settings(at: folder)("max_position_embeddings")
    public static func settings(at path: String) throws -> Settings {
        let folder = BundleFolder(weights: path) ?? BundleFolder(path: path)
        return try HubConfiguration(folder.configuration()).settings
    }
}
