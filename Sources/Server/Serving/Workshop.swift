import Foundation
import NIOPosix
import Synchronization

/// A few threads for work that takes long: rendering templates, cutting long texts into tokens, reading large bodies, waiting
/// for a disk.
///
/// Such work would hold up every other request on the threads that serve them. The queue before it is bounded.
package final class Workshop: Sendable {
    private let pool: NIOThreadPool
    private let capacity: Int
    private let inside = Atomic(0)

    package init(threads: Int = 2, capacity: Int = 512) {
        pool = NIOThreadPool(numberOfThreads: threads)
        self.capacity = capacity
        pool.start()
    }

    deinit { pool.shutdownGracefully { _ in } }

    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        defer { inside.subtract(1, ordering: .relaxed) }
        guard inside.add(1, ordering: .relaxed).oldValue < capacity else {
            throw APIError.busy(retryAfter: 1, "The server is busy: too much waits to be prepared.")
        }
        return try await pool.runIfActive(work)
    }

    /// Runs what takes minutes on a thread of its own.
    static func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }
}
