import CKernels
import Foundation
import Synchronization

/// The kernel threads: one pool for the process, which spins while an op runs and parks soon afterwards.
public enum Threads {
    /// How many threads compute, the caller included: `YUYAN_THREADS`, or one for each core that the process has
    /// time for.
    public static let count: Int = {
        let asked = ProcessInfo.processInfo.environment["YUYAN_THREADS"].flatMap(Int.init)
        return min(max(asked ?? Processors.present.threads, 1), 256)
    }()

    private final class Pool: @unchecked Sendable {
        let pool = pool_create(Int32(count))
    }

    private static let pool = Pool()
    private static let busy = Mutex(())

    /// Calls `body(index, thread)` for each index below `count`, on all threads, and waits. Not to be nested.
    static func run(_ count: Int, _ body: (_ index: Int, _ thread: Int) -> Void) {
        typealias Body = (Int, Int) -> Void
        Urgency.giveWay()
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { pointer in
                busy.withLock { _ in
                    pool_run(
                        pool.pool,
                        { context, claims, thread in
                            // Loaded once: its references are counted, and both threads would do so for each index.
                            let body = context!.assumingMemoryBound(to: Body.self).pointee
                            repeat { body(claims_index(claims), Int(thread)) } while claims_next(claims)
                        },
                        UnsafeMutableRawPointer(mutating: pointer),
                        count
                    )
                }
            }
        }
    }
}

/// Calls `body` for consecutive ranges of rows that together are `0..<count`, on all threads if there is enough to do.
///
/// - Parameter grain: the fewest rows worth handing to another thread.
package func parallel(rows count: Int, grain: Int, _ body: (_ rows: Range<Int>, _ thread: Int) -> Void) {
    guard count > grain, Threads.count > 1 else { return count == 0 ? () : body(0..<count, 0) }
    let size = max(grain, count / (Threads.count * 32))
    let chunks = (count + size - 1) / size
    Threads.run(chunks) { index, thread in body(index * size..<min(count, (index + 1) * size), thread) }
}
