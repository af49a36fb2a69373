import ServiceLifecycle
import Synchronization

/// The time between the first signal and the end: the server still answers, but tells probes that it is leaving.
package final class Drain: Sendable {
    private let begun = Atomic(false), interrupted = Atomic(false)
    /// What still runs is cut now.
    package let cut = Occurrence()

    package init() {}

    package var hasBegun: Bool { begun.load(ordering: .relaxed) }

    package func begin() { begun.store(true, ordering: .relaxed) }

    /// Somebody lost patience before the grace period was over.
    package var wasInterrupted: Bool { interrupted.load(ordering: .relaxed) }

    package func interrupt() {
        interrupted.store(true, ordering: .relaxed)
        cut.happen()
    }
}

/// Shut down first, this keeps the listener open for a while after a drain has begun, and ends the patience in time.
struct DrainService: Service {
    let drain: Drain, delay: Duration, patience: Duration

    /// How long the last words of what was cut may take.
    static let lastWords = Duration.seconds(2)

    func run() async throws {
        try await gracefulShutdown()
        drain.begin()
        if delay > .zero { try? await Task.sleep(for: delay) }
        // The connections finish after this service has ended.
        Task {
            try? await Task.sleep(for: patience)
            drain.cut.happen()
        }
    }
}
