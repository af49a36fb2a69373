import Foundation

/// Wakes threads that wait for something to do; a ring between looking and waiting is not lost.
final class Bell: @unchecked Sendable {
    private let condition = NSCondition()
    private var count = 0, closed = false

    var rings: Int { condition.withLock { count } }
    var isClosed: Bool { condition.withLock { closed } }

    func ring() {
        condition.withLock {
            count += 1
            condition.broadcast()
        }
    }

    /// Nobody waits any more.
    func close() {
        condition.withLock {
            closed = true
            condition.broadcast()
        }
    }

    /// Returns when it has rung more often than `count`, is closed, or the time is over; half a minute at most.
    func wait(beyond count: Int, seconds: Double = 30) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.withLock {
            while !closed, self.count <= count, condition.wait(until: deadline) {}
        }
    }
}
