import Foundation

/// The right to a folder, which the system takes back when the process ends, however it ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    init(_ folder: URL) throws(StoreError) {
        let path = folder.appending(path: "lock").path(percentEncoded: false)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StoreError(errno, path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isTaken = errno == EWOULDBLOCK, reason = errno
            close(descriptor)
            throw isTaken ? .inUse(path: folder.path(percentEncoded: false)) : StoreError(reason, path)
        }
        self.descriptor = descriptor  // last: whoever throws with it set is deinitialised, and closes it twice
    }

    deinit { close(descriptor) }

    /// Brings the names in a folder to the disk.
    static func synchronise(_ folder: URL) throws(StoreError) {
        let path = folder.path(percentEncoded: false), descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno, path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StoreError(errno, path) }
    }
}

extension StoreError {
    /// - Parameter number: the system's, from `errno`.
    init(_ number: Int32, _ path: String) {
        switch number {
        case ENOSPC, EDQUOT: self = .full(path: path)
        default: self = .inaccessible(path: path, reason: String(cString: strerror(number)).lowercased())
        }
    }
}
