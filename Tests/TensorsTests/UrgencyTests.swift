import Foundation
import Synchronization
import Tensors
import Testing

/// Work that yields holds still while something is urgent, and only then. Serialised: urgency is the process's.
@Suite(.serialized) struct UrgencyTests {
    private final class Worker: Sendable {
        let done = Atomic(0)

        func start(yielding: Bool) {
            Thread.detachNewThread { [self] in
                func work() {
                    let x = Tensor([Float](repeating: 1, count: 64 * 64), shape: [64, 64])
                    for _ in 0..<20 {
                        _ = linear(x, x)
                        done.add(1, ordering: .relaxed)
                    }
                }
                if yielding { Urgency.yielding(work) } else { work() }
            }
        }

        func waits(for count: Int, seconds: Double) -> Bool {
            let end = Date(timeIntervalSinceNow: seconds)
            while done.load(ordering: .relaxed) < count, Date() < end { usleep(1000) }
            return done.load(ordering: .relaxed) == count
        }
    }

    @Test func yieldingWorkWaitsUntilNothingIsUrgent() {
        Urgency.begin()
        Urgency.begin()
        let worker = Worker()
        worker.start(yielding: true)
        #expect(!worker.waits(for: 1, seconds: 0.05))
        Urgency.end()
        #expect(!worker.waits(for: 1, seconds: 0.05))
        Urgency.end()
        #expect(worker.waits(for: 20, seconds: 60))
    }

    @Test func otherWorkIsNotHeldBack() {
        Urgency.begin()
        defer { Urgency.end() }
        let worker = Worker()
        worker.start(yielding: false)
        #expect(worker.waits(for: 20, seconds: 60))
    }
}
