import Checkpoints
public import Foundation
public import Text

extension PreparedDataset {
    /// Reads files, makes tokens of their rows and writes them into a folder of `folder`; where that was done before, opens it.
    ///
    /// The folder appears whole or not at all. Neither the size of the files nor the number of threads changes how much memory is
    /// used, and the number of threads changes nothing that is written.
    ///
    /// - Parameters:
    ///   - template: nil for a base model; conversations are then set aside.
    ///   - report: told how far it is, after each megabyte or so; an error that it throws ends the preparation.
    /// - Throws: `DataError`.
    public static func prepare(
        _ sources: [DataSource],
        _ tokenizer: Tokenizer,
        _ template: ChatTemplate? = nil,
        in folder: URL,
        _ options: PreparationOptions = PreparationOptions(),
        report: (PreparationProgress) throws -> Void = { _ in }
    ) throws -> PreparedDataset {
        let identity = try DatasetIdentity(sources, tokenizer, template, options)
        let target = folder.appending(path: identity.name)
        if let dataset = try found(target, options) { return dataset }
        try writing(folder) {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let lockPath = folder.appending(path: ".\(identity.name).lock").path
        let lock = try lock(lockPath, target)
        defer {
            unlink(lockPath)
            withExtendedLifetime(lock) {}
        }
        if let dataset = try found(target, options) { return dataset }
        let draft = folder.appending(path: ".\(identity.name).writing")
        try? FileManager.default.removeItem(at: draft)
        do {
            try writing(draft) { try FileManager.default.createDirectory(at: draft, withIntermediateDirectories: true) }
            var preparation = try Preparation(ExampleEncoder(tokenizer, template), sources, draft, options)
            try preparation.run(sources, identity, report)
            try writing(target) { try FileManager.default.moveItem(at: draft, to: target) }
        } catch {
            try? FileManager.default.removeItem(at: draft)
            throw error
        }
        return try PreparedDataset(opening: target)
    }

    private static func found(_ folder: URL, _ options: PreparationOptions) throws -> PreparedDataset? {
        guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
        let dataset = try PreparedDataset(opening: folder)
        if let limit = options.maxRejected, dataset.statistics.rejected > limit {
            let what = "\(dataset.statistics.rejected) rows, see \(dataset.rejected.path)"
            throw DataError.tooManyRejected(limit: limit, first: [what])
        }
        return dataset
    }

    private static func lock(_ path: String, _ target: URL) throws(DataError) -> FileLock {
        let lock: FileLock?
        do { lock = try FileLock(path: path) } catch { throw .unwritable(path: path, reason: "\(error)") }
        guard let lock else { throw .busy(path: target.path) }
        return lock
    }

    private static func writing(_ url: URL, _ body: () throws -> Void) throws(DataError) {
        do { try body() } catch {
            let reason = (error as? CocoaError)?.localizedDescription ?? "\(error)"
            throw .unwritable(path: url.path, reason: reason)
        }
    }
}
