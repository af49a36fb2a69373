import Foundation

/// A file that is still being fetched: `NAME.part`, and beside it a note of what its bytes are the beginning of.
///
/// Both stay when a pull stops, for whatever reason, so that the next one goes on from there.
final class PartialFile {
    /// What the bytes so far are the beginning of.
    struct Note: Codable, Equatable {
        var source = ""
        /// The server's word for this version of the file: a strong ETag, or a date.
        var validator: String?
        var total: Int?
        /// The SHA-256 that the site gives for the file.
        var announced: String?
        /// For a file in parts: how many are there, and where each ends.
        var ends: [Int] = []
    }

    let path: String
    private(set) var count: Int
    var note: Note { didSet { if note != oldValue { try? saveNote() } } }
    private let descriptor: Int32

    private var notePath: String { path + ".json" }

    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StoreError.system(path: path, reason: systemMessage()) }
        self.path = path
        count = max(0, Int(lseek(descriptor, 0, SEEK_END)))
        let noted = try? Data(contentsOf: URL(filePath: path + ".json"))
        note = noted.flatMap { try? JSONDecoder().decode(Note.self, from: $0) } ?? Note()
    }

    deinit { close(descriptor) }

    /// Keeps the first `count` bytes only.
    func truncate(to count: Int) throws {
        guard ftruncate(descriptor, off_t(count)) == 0 else {
            throw StoreError.system(path: path, reason: systemMessage())
        }
        self.count = count
    }

    func startAgain() throws {
        try truncate(to: 0)
        note = Note()
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var written = 0
        while written < bytes.count {
            let place = off_t(count + written)
            let step = pwrite(descriptor, bytes.baseAddress! + written, bytes.count - written, place)
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { throw failure(errno) }
            written += step
        }
        count += written
    }

    /// Has the bytes on the disk before anything is renamed.
    func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw failure(errno) }
    }

    func remove() {
        unlink(path)
        unlink(notePath)
    }

    /// Puts the whole file where it belongs, in one step.
    func move(to destination: String) throws {
        try synchronize()
        guard rename(path, destination) == 0 else {
            throw StoreError.system(path: destination, reason: systemMessage())
        }
        unlink(notePath)
    }

    private func saveNote() throws {
        try JSONEncoder().encode(note).write(to: URL(filePath: notePath), options: .atomic)
    }

    private func failure(_ code: Int32) -> StoreError {
        guard code == ENOSPC || code == EDQUOT else { return .system(path: path, reason: systemMessage(code)) }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        return .noSpace(folder: folder, needed: max(1, (note.total ?? 0) - count), free: freeBytes(in: folder) ?? 0)
    }
}

/// Refuses to begin what cannot end.
func requireSpace(_ needed: Int, in folder: String) throws {
    guard let free = freeBytes(in: folder), free < needed else { return }
    throw StoreError.noSpace(folder: folder, needed: needed, free: free)
}
