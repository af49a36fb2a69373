import Foundation

/// A lock that one process or task holds at a time, and that falls with its holder.
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, or returns nil if somebody has it.
    package init?(path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StoreError.system(path: path, reason: systemMessage()) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    /// Unlocks before closing: a child that another thread is just forking has the descriptor too, until it execs.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Takes the lock, waiting while somebody has it; `waiting` is called once if so.
    static func acquire(path: String, waiting: () -> Void) async throws -> FileLock {
        var told = false
        while true {
            if let lock = try FileLock(path: path) { return lock }
            if !told { waiting() }
            told = true
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
