import ServiceLifecycle
import Synchronization

/// The time between the first signal and the end: the server still answers, but tells probes that it is leaving.
package final class Drain: Sendable {
    private let begun = Atomic(false)

    package init() {}

    package var hasBegun: Bool { begun.load(ordering: .relaxed) }

    package func begin() { begun.store(true, ordering: .relaxed) }
}

/// Shut down first, this keeps the listener open for a while after a drain has begun.
struct DrainService: Service {
    let drain: Drain, delay: Duration

    func run() async throws {
        try await gracefulShutdown()
        drain.begin()
        if delay > .zero { try? await Task.sleep(for: delay) }
    }
}
