import Foundation
import Synchronization

/// Between the world and the engine's thread: what came in, what shall stop, and how things stand.
final class Door: @unchecked Sendable {
    /// What the thread finds when it looks.
    struct Delivery {
        var arrivals: [Job] = []
        var cancellations: [Int] = []
        /// What the thread is to do besides, between two steps.
        var errands: [Errand] = []
        /// Set when shutting down: everything ends by then.
        var deadline: ContinuousClock.Instant?

        var isEmpty: Bool { arrivals.isEmpty && cancellations.isEmpty && errands.isEmpty && deadline == nil }
    }

    /// Done on the engine's thread; with nil where the engine has ended.
    typealias Errand = @Sendable (EngineLoop?) -> Void

    private let lock = NSCondition()
    private var delivery = Delivery()
    private var queued = 0, queuedTokens = 0
    /// Let in and not gone yet, seated or not.
    private var inside = 0
    private let ids = Atomic(0)
    private var tokensPerSecond = 0.0
    private var snapshot = EngineStatistics()
    private var farewells: [CheckedContinuation<Void, Never>]? = []  // nil: the thread has ended
    private let maxInside, maxQueuedTokens: Int

    /// - Parameter maxQueued: how many may wait when every one of `seats` is taken.
    init(seats: Int, maxQueued: Int, maxQueuedTokens: Int) {
        (maxInside, self.maxQueuedTokens) = (seats + maxQueued, maxQueuedTokens)
    }

    // MARK: From outside

    /// A number for a request that may or may not be let in.
    func number() -> Int { ids.add(1, ordering: .relaxed).newValue }

    /// Lets a request in, if there is room.
    func admit(_ job: Job) throws(EngineError) {
        let tokens = job.request.prompt.count
        lock.lock()
        defer { lock.unlock() }
        guard delivery.deadline == nil else { throw .shuttingDown }
        guard inside < maxInside, queued == 0 || queuedTokens + tokens <= maxQueuedTokens else {
            if !job.request.isRetried { snapshot.rejectedFull += 1 }
            throw .full(retryAfter: patience)
        }
        inside += 1
        queued += 1
        queuedTokens += tokens
        snapshot.accepted += 1
        delivery.arrivals.append(job)
        lock.signal()
    }

    func noteInvalid() { lock.withLock { snapshot.rejectedInvalid += 1 } }

    func cancel(_ id: Int) {
        lock.withLock {
            delivery.cancellations.append(id)
            lock.signal()
        }
    }

    /// Has something done on the engine's thread.
    func post(_ errand: @escaping Errand) {
        let isOver = lock.withLock {
            guard farewells != nil else { return true }
            delivery.errands.append(errand)
            lock.signal()
            return false
        }
        if isOver { errand(nil) }
    }

    /// Refuses newcomers from now on and returns when the thread has ended, after `grace` at most.
    func close(grace: Duration) async {
        await withCheckedContinuation { farewell in
            let isOver = lock.withLock {
                let deadline = ContinuousClock.now + grace
                delivery.deadline = min(delivery.deadline ?? deadline, deadline)
                farewells?.append(farewell)
                lock.signal()
                return farewells == nil
            }
            if isOver { farewell.resume() }
        }
    }

    /// Ends everything soon, waiting for nothing.
    func slam() {
        lock.withLock {
            delivery.deadline = .now
            lock.signal()
        }
    }

    var statistics: EngineStatistics {
        lock.withLock {
            var now = snapshot
            now.waiting += queued
            return now
        }
    }

    /// About how long until the queue has moved.
    private var patience: Duration {
        guard tokensPerSecond > 0 else { return .seconds(1) }
        return .seconds(min(60, max(1, (Double(queuedTokens) / tokensPerSecond).rounded(.up))))
    }

    // MARK: From the engine's thread

    /// Returns what came in; sleeps until something does if `isIdle`.
    func collect(isIdle: Bool) -> Delivery {
        lock.lock()
        defer { lock.unlock() }
        while isIdle, delivery.isEmpty { lock.wait() }
        defer { (delivery.arrivals, delivery.cancellations, delivery.errands) = ([], [], []) }
        return delivery
    }

    /// A request that was let in is gone.
    func leave() { lock.withLock { inside -= 1 } }

    /// A request that was let in has left the queue.
    func dequeue(tokens: Int) {
        lock.withLock {
            queued -= 1
            queuedTokens -= tokens
        }
    }

    func report(tokensPerSecond: Double? = nil, _ update: (inout EngineStatistics) -> Void) {
        lock.withLock {
            update(&snapshot)
            if let tokensPerSecond {
                let weight = self.tokensPerSecond == 0 ? 1 : 0.1
                self.tokensPerSecond += (tokensPerSecond - self.tokensPerSecond) * weight
            }
        }
    }

    func end() {
        let (farewells, errands) = lock.withLock {
            defer { (self.farewells, delivery.errands) = (nil, []) }
            return (self.farewells ?? [], delivery.errands)
        }
        for errand in errands { errand(nil) }
        for farewell in farewells { farewell.resume() }
    }
}
