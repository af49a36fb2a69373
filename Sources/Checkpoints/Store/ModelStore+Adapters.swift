import Foundation

extension ModelStore {
    /// The adapters of this machine, by name: folders with `adapter_config.json` in `YUYAN_HOME/models`, and what training runs made.
    public func adapters() -> [StoredModel] {
        let runs = URL(filePath: folder).deletingLastPathComponent().path + "/runs"
        let names = [folder, runs].flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
        return Set(names).sorted().compactMap { adapter($0) }
    }

    /// The adapter of that name; nil where there is none. A path is no name.
    public func adapter(_ name: String) -> StoredModel? {
        guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/") else { return nil }
        let home = URL(filePath: folder).deletingLastPathComponent().path
        let places = ["\(folder)/\(name)", "\(home)/runs/\(name)/model"]
        guard let path = places.first(where: StoredModel.isAdapter), let found = try? StoredModel(path: path) else {
            return nil
        }
        return StoredModel(name: name, path: path, bytes: found.bytes, record: nil)
    }
}

extension StoredModel {
    /// Whether a path is a folder with an adapter in it, and no model.
    public static func isAdapter(_ path: String) -> Bool {
        isFolder(path) && !FileManager.default.fileExists(atPath: path + "/config.json")
    }
}
