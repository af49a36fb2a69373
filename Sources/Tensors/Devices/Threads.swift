import CKernels
import Foundation
import Synchronization

/// The kernel threads: one pool for the process, which spins while an op runs and parks soon afterwards.
public enum Threads {
    /// How many threads compute, the caller included: `YUYAN_THREADS`, or one for each of ``processors``, or one for each core
    /// that the process has time for.
    public static let count: Int = {
        let asked = ProcessInfo.processInfo.environment["YUYAN_THREADS"].flatMap(Int.init)
        let standard = processors.isEmpty ? Processors.present.threads : processors.count
        return min(max(asked ?? standard, 1), 256)
    }()

    /// Where the threads stay, the caller's place first: `YUYAN_CPUS`. Empty: wherever the system likes.
    private static let processors =
        ProcessInfo.processInfo.environment["YUYAN_CPUS"].flatMap { ProcessorList($0) }?.numbers ?? []

    private final class Pool: @unchecked Sendable {
        let pool: OpaquePointer? = {
            guard !processors.isEmpty else { return pool_create(Int32(count), nil) }
            return pool_create(Int32(count), (0..<count).map { Int32(processors[$0 % processors.count]) })
        }()
    }

    private static let pool = Pool()
    private static let busy = Mutex(())

    /// Calls `body(index, thread)` for each index below `count`, on all threads, and waits. Not to be nested.
    ///
    /// - Parameter reading: the memory that the indices stand for, in their order: what followed it before is fetched by threads that
    ///   wait.
    static func run(_ count: Int, reading: reading_t? = nil, _ body: (_ index: Int, _ thread: Int) -> Void) {
        typealias Body = (Int, Int) -> Void
        Urgency.giveWay()
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { pointer in
                busy.withLock { _ in
                    if var reading { pool_reads(pool.pool, &reading) }
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

// MARK: The caller's place

extension Threads {
    /// Calls `body` with this thread in its place among ``processors``, and then lets it run where it could before.
    ///
    /// Threads that it starts inherit its place for good, so `body` must not start or wake any but the kernels' own: the
    /// system's queues start some for whoever is to be told of a result.
    package static func inPlace<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let place = processors.first else { return try body() }
        return try on(place, body)
    }

    /// The same for any processor; where the system does not let it, the thread stays where it is.
    package static func on<Result>(_ processor: Int, _ body: () throws -> Result) rethrows -> Result {
        var before = affinity_t()
        guard place_on(Int32(processor), &before) else { return try body() }
        defer { place_back(&before) }
        return try body()
    }

    static func canBe(on processor: Int) -> Bool {
        var before = affinity_t()
        guard place_on(Int32(processor), &before) else { return false }
        place_back(&before)
        return true
    }
}

/// Calls `body` for consecutive ranges of rows that together are `0..<count`, on all threads if there is enough to do.
///
/// - Parameter grain: the fewest rows worth handing to another thread.
package func parallel(rows count: Int, grain: Int, _ body: (_ rows: Range<Int>, _ thread: Int) -> Void) {
    parallel(rows: count, grain: grain, reading: nil, body)
}

/// - Parameter reading: as in ``Threads/run(_:reading:_:)``.
func parallel(rows count: Int, grain: Int, reading: reading_t?, _ body: (_ rows: Range<Int>, _ thread: Int) -> Void) {
    guard count > grain, Threads.count > 1 else { return count == 0 ? () : body(0..<count, 0) }
    let size = max(grain, count / (Threads.count * 32))
    let chunks = (count + size - 1) / size
    Threads.run(chunks, reading: reading) { index, thread in
        body(index * size..<min(count, (index + 1) * size), thread)
    }
}
