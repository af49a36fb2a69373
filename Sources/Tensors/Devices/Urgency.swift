import Foundation
import Synchronization

/// Who computes first, where several parts of a process want the kernel threads: serving before training.
///
/// Work that yields holds still before each of its ops while anything is urgent. It loses no result by it, and whoever is
/// urgent waits for one op at most.
public enum Urgency {
    @TaskLocal private static var isYielding = false
    private static let count = Atomic(0)
    private static let calm = NSCondition()

    /// Holds yielding work back until ``end()``; calls may overlap.
    public static func begin() { count.add(1, ordering: .sequentiallyConsistent) }

    public static func end() {
        let left = count.subtract(1, ordering: .sequentiallyConsistent).newValue
        precondition(left >= 0, "urgency ended more often than it began")
        guard left == 0 else { return }
        calm.lock()
        calm.broadcast()
        calm.unlock()
    }

    /// Calls `body`, whose ops on this thread yield.
    public static func yielding<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $isYielding.withValue(true) { try body() }
    }

    /// Waits where this thread yields and something is urgent.
    static func giveWay() {
        guard count.load(ordering: .relaxed) > 0, isYielding else { return }
        calm.lock()
        while count.load(ordering: .sequentiallyConsistent) > 0 { calm.wait() }
        calm.unlock()
    }
}
