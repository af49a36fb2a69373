import Foundation

/// A lock on a run's folder that falls with its process.
final class RunLock: Sendable {
    private let descriptor: Int32

    init(_ folder: RunFolder) throws {
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        let descriptor = open(folder.url.appending(path: ".lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw TrainingError.busy(path: folder.url.path)
        }
        self.descriptor = descriptor  // last: whoever throws with it set is deinitialised, and closes it twice
    }

    /// Unlocks before closing: a child that another thread is just forking has the descriptor too, until it execs.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
