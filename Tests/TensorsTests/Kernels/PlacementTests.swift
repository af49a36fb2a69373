import CKernels
import Foundation
import Synchronization
import Tensors
import Testing

/// Threads that stay on the processors they were put on. Only Linux lets them.
@Suite(.enabled(if: processor_now() >= 0)) struct PlacementTests {
    /// One index for each thread: nobody is done before all have begun, so each of them works on one.
    private final class Roll: Sendable {
        private let begun = Atomic(0), count: Int
        private let places: Mutex<[Int]>

        init(_ count: Int) {
            self.count = count
            places = Mutex(Array(repeating: -1, count: count))
        }

        /// Where each thread was.
        var seen: [Int] { places.withLock { $0 } }

        func call(_ thread: Int) {
            begun.add(1, ordering: .sequentiallyConsistent)
            while begun.load(ordering: .sequentiallyConsistent) < count { sched_yield() }
            let place = Int(processor_now())
            places.withLock { $0[thread] = place }
        }
    }

    private func places(of pool: OpaquePointer?, _ count: Int) -> [Int] {
        let roll = Roll(count)
        pool_run(
            pool,
            { context, claims, thread in
                let roll = Unmanaged<Roll>.fromOpaque(context!).takeUnretainedValue()
                repeat { roll.call(Int(thread)) } while claims_next(claims)
            },
            Unmanaged.passUnretained(roll).toOpaque(),
            count
        )
        return withExtendedLifetime(roll) { roll.seen }
    }

    @Test(arguments: [2, 3, 5]) func theThreadsOfAPoolStayWhereTheyAreTold(count: Int) {
        let allowed = Processors.present.allowed
        for first in 0..<min(4, allowed.count) {
            let told = (0..<count).map { Int32(allowed[(first + $0) % allowed.count]) }
            let pool = pool_create(Int32(count), told)
            defer { pool_destroy(pool) }
            for _ in 0..<10 {
                #expect(places(of: pool, count).dropFirst() == told.dropFirst().map(Int.init)[...])
            }
        }
    }

    /// On a thread of its own: those of the tests are put nowhere.
    @Test func theCallerIsPutInItsPlaceAndLetGo() async {
        let allowed = Processors.present.allowed
        let (before, seen, after) = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let before = Self.affinity
                let seen = allowed.map { place in
                    Threads.on(place) { [Int(processor_now())] + (Self.affinity ?? []) }
                }
                continuation.resume(returning: (before, seen, Self.affinity))
            }
        }
        #expect(seen == allowed.map { [$0, $0] })
        #expect(before == allowed && after == before)
    }

    @Test(arguments: [-1, 8191, 8192, 1 << 20]) func whereThereIsNoProcessorNobodyIsPut(processor: Int) {
        let before = Self.affinity
        #expect(Threads.on(processor) { Self.affinity } == before)
    }

    /// Where the calling thread may run.
    private static var affinity: [Int]? {
        Processors.allowed(try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8))
    }
}
