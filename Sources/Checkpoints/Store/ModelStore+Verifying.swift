import Foundation

extension ModelStore {
    /// The model, with what is promised of it held against the file if that was touched since it was last done.
    func verified(_ stored: StoredModel) throws -> StoredModel {
        guard let record = stored.record ?? promised(stored) else { return stored }
        guard record.seal != StoredModel.seal(ofFile: stored.path) else { return stored }
        let found = try sha256(ofFile: stored.path)
        guard found == record.sha256 else {
            throw StoreError.damaged(path: stored.path, name: stored.name, expected: record.sha256, found: found)
        }
        // A store that cannot be written to is verified each time.
        return (try? stored.sealed(record)) ?? stored
    }

    /// The note of a file put there by hand under a name of the catalogue.
    private func promised(_ stored: StoredModel) -> StoredModel.Record? {
        guard let entry = catalogue[URL(filePath: stored.path).lastPathComponent] else { return nil }
        return StoredModel.Record(PullPlan(entry), sha256: entry.sha256, source: "found in the store")
    }

    /// Throws where the store's home is there and no folder: nothing could ever be found or kept in it.
    func requireHome() throws {
        let home = URL(filePath: folder).deletingLastPathComponent().path
        for path in [home, folder] {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            throw StoreError.system(path: path, reason: "this is a file, not a folder; set YUYAN_HOME to a folder")
        }
    }
}

extension StoredModel {
    /// The model with a note that its file, as it is now, was verified.
    func sealed(_ record: Record) throws -> StoredModel {
        var record = record
        record.seal = Self.seal(ofFile: path)
        try record.write(besides: path)
        return try StoredModel(path: path)
    }
}

extension StoredModel.Record {
    init(_ plan: PullPlan, sha256: String, source: String) {
        self.init(
            name: plan.name,
            sha256: sha256,
            source: source,
            licence: plan.licence,
            kind: plan.kind,
            context: plan.context,
            pulled: Date()
        )
    }
}
