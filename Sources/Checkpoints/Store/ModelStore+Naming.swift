import Foundation

extension ModelStore {
    /// Whether a model of the store can have that name: letters, digits, `.`, `_` and `-`, in parts that `/` and `:` separate.
    public static func isName(_ name: String) -> Bool {
        let isFile = name.hasSuffix(".json") || name.hasSuffix(".part") || name.hasSuffix(".wheels")
        return name.utf8.count <= 128 && !isFile
            && name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*(?:[\/:][A-Za-z0-9][A-Za-z0-9._-]*)*/) != nil
    }

    /// A name as a file's.
    public static func fileName(_ name: String) -> String {
        name.replacing("/", with: "%2F").replacing(":", with: "%3A")
    }

    /// The file of a model that the store has, or nil; unlike ``locate(_:)`` no run and no path.
    public func stored(_ name: String) throws -> StoredModel? { try find(name) }

    /// Gives a model of the store, a GGUF file, a second name. Both have the same bytes on the disk; either can be removed.
    public func copy(_ source: StoredModel, to name: String) throws -> StoredModel {
        guard var record = source.record else {
            let hash = try sha256(ofFile: source.path)
            return try adopt(source.path, as: name, sha256: hash, source: source.name)
        }
        record.name = name
        return try link(source.path, record)
    }

    /// Takes a GGUF file in under a name. Its bytes are shared where the file is on the store's disk, else copied.
    ///
    /// - Parameters:
    ///   - sha256: what was found when the file was hashed.
    ///   - source: where it came from, for its note.
    public func adopt(_ path: String, as name: String, sha256: String, source: String) throws -> StoredModel {
        let about = try ModelDescription(GGUFFile(path: path))
        let record = StoredModel.Record(
            name: name,
            sha256: sha256,
            source: source,
            licence: about.licence,
            kind: about.hasChatTemplate ? .chat : .base,
            context: about.context,
            pulled: Date()
        )
        return try link(path, record)
    }

    private func link(_ path: String, _ record: StoredModel.Record) throws -> StoredModel {
        guard Self.isName(record.name) else {
            throw StoreError.badReference(
                record.name,
                reason: "a model's name has letters, digits, '.', '_', '-', '/' and ':'"
            )
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let target = folder + "/" + Self.fileName(record.name) + ".gguf"
        guard try find(record.name) == nil, !FileManager.default.fileExists(atPath: target) else {
            throw StoreError.badReference(record.name, reason: "the store has a model of that name; delete it first")
        }
        let origin = URL(filePath: path).resolvingSymlinksInPath().path
        do {
            if Foundation.link(origin, target) != 0 { try FileManager.default.copyItem(atPath: origin, toPath: target) }
            return try StoredModel(path: target).sealed(record)
        } catch {
            unlink(target)
            throw error is StoreError ? error : StoreError.system(path: target, reason: "\(error.localizedDescription)")
        }
    }
}
