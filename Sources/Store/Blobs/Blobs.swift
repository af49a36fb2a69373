public import Foundation

/// Contents too large for a row: files named after the SHA-256 of their bytes, `ab/abcdef…`, so equal ones are kept once.
///
/// Contents are written to a draft, brought to the disk, and only then given their name: a name always means whole contents,
/// whenever the process ends. One process has a folder at a time, and no other user reads it.
public final class Blobs: Sendable {
    private let folder: URL
    private let lock: FolderLock

    /// Makes the folder if there is none, and throws away drafts that a process left when it ended.
    ///
    /// - Throws: ``StoreError/inUse(path:)`` where another process has the folder, ``StoreError/inaccessible(path:reason:)``.
    public init(at folder: URL) throws {
        self.folder = folder
        try Self.make(folder)
        lock = try FolderLock(folder)
        try? FileManager.default.removeItem(at: drafts)
        try Self.make(drafts)
    }

    private var drafts: URL { folder.appending(path: "drafts") }

    private static func make(_ folder: URL) throws(StoreError) {
        do {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .inaccessible(path: folder.path(percentEncoded: false), reason: error.localizedDescription)
        }
    }

    /// A file to write new contents to.
    public func draft() throws(StoreError) -> BlobDraft {
        try BlobDraft(at: drafts.appending(path: UUID().uuidString).path(percentEncoded: false))
    }

    /// Gives a finished draft its name. When this returns, the contents survive the end of the process.
    public func keep(_ draft: BlobDraft) throws(StoreError) -> Blob {
        let blob = try draft.finish()
        let target = url(of: blob.digest), shelf = target.deletingLastPathComponent()
        try Self.make(shelf)
        try draft.rename(to: target.path(percentEncoded: false))
        try FolderLock.synchronise(shelf)
        try FolderLock.synchronise(folder)
        return blob
    }

    /// Where the contents lie; whoever reads them there must know that they are held.
    public func url(of digest: String) -> URL {
        precondition(digest.utf8.count == 64 && digest.allSatisfy(\.isHexDigit), "url(of:): '\(digest)' is no SHA-256")
        return folder.appending(path: "\(digest.prefix(2))/\(digest)")
    }

    /// Opens contents to read; they can be read to their end even if they are removed meanwhile.
    ///
    /// - Throws: ``StoreError/noBlob(digest:)``.
    public func open(_ digest: String) throws(StoreError) -> BlobReader {
        guard let reader = BlobReader(url(of: digest).path(percentEncoded: false)) else {
            throw .noBlob(digest: digest)
        }
        return reader
    }

    /// Removes contents that nobody holds; does nothing where there are none.
    public func remove(_ digest: String) throws(StoreError) {
        let path = url(of: digest).path(percentEncoded: false)
        guard unlink(path) == 0 || errno == ENOENT else { throw StoreError(errno, path) }
    }
}

/// Contents that are kept.
public struct Blob: Hashable, Sendable {
    /// SHA-256, 64 hexadecimal digits.
    public let digest: String
    /// In bytes.
    public let size: Int

    public init(digest: String, size: Int) { (self.digest, self.size) = (digest, size) }
}
