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
                    // Large enough for several threads: what one does alone takes nobody's turn, and does not yield.
                    let x = Tensor([Float](repeating: 1, count: 256 * 256), shape: [256, 256])
                    for _ in 0..<20 {
                        _ = linear(x, x)
                        done.add(1, ordering: .relaxed)
                    }
                }
                if yielding { Urgency.yielding(work) } else { work() }
            }
        }

        func finishes(_ count: Int, within seconds: Double) -> Bool {
            let end = Date(timeIntervalSinceNow: seconds)
            while done.load(ordering: .relaxed) < count, Date() < end { usleep(1000) }
            return done.load(ordering: .relaxed) == count
        }

        func isStill(for seconds: Double) -> Bool {
            usleep(UInt32(seconds * 1_000_000))
            return done.load(ordering: .relaxed) == 0
        }
    }

    @Test(.enabled(if: Threads.count > 1, "one thread alone does not yield"))
    func yieldingWorkWaitsUntilNothingIsUrgent() {
        Urgency.begin()
        Urgency.begin()
        let worker = Worker()
        worker.start(yielding: true)
        #expect(worker.isStill(for: 0.05))
        Urgency.end()
        #expect(worker.isStill(for: 0.05))
        Urgency.end()
        #expect(worker.finishes(20, within: 60))
    }

    @Test func otherWorkIsNotHeldBack() {
        Urgency.begin()
        defer { Urgency.end() }
        let worker = Worker()
        worker.start(yielding: false)
        #expect(worker.finishes(20, within: 60))
    }
}
