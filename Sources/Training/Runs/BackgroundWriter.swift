import Dispatch
import Synchronization

/// Does one thing at a time beside the run, and keeps the first error for whoever asks next.
final class BackgroundWriter: Sendable {
    private let queue = DispatchQueue(label: "yuyan.training.writer", qos: .utility)
    private let failure = Mutex<(any Error)?>(nil)

    /// Waits until what was handed over before is done, so that only one state is kept alive, then hands over `work`.
    func submit(_ work: @escaping @Sendable () throws -> Void) throws {
        try wait()
        queue.async { [self] in
            do { try work() } catch { failure.withLock { $0 = $0 ?? error } }
        }
    }

    func wait() throws {
        queue.sync {}
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
