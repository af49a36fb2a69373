import CKernels
import Foundation
import Testing

@Suite struct PoolTests {
    @Test(arguments: [1, 2, 3, 8])
    func everyIndexIsWorkedOnExactlyOnce(threads: Int) {
        let pool = pool_create(Int32(threads), nil)
        defer { pool_destroy(pool) }
        for count in [0, 1, 2, 7, 100, 5000] + Array(repeating: 13, count: 300) {
            let seen = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
            defer { seen.deallocate() }
            seen.initialize(repeating: 0, count: max(count, 1))
            pool_run(
                pool,
                { context, claims, _ in
                    let seen = context!.assumingMemoryBound(to: Int32.self)
                    repeat { seen[claims_index(claims)] += 1 } while claims_next(claims)
                },
                seen,
                count
            )
            #expect((0..<count).allSatisfy { seen[$0] == 1 })
        }
    }

    @Test func parkedThreadsWakeUp() async throws {
        let pool = pool_create(2, nil)
        defer { pool_destroy(pool) }
        for _ in 0..<20 {
            var sums = [Int32](repeating: 0, count: 64)
            sums.withUnsafeMutableBufferPointer { sums in
                pool_run(
                    pool,
                    { context, claims, _ in
                        let sums = context!.assumingMemoryBound(to: Int32.self)
                        repeat { sums[claims_index(claims)] = 1 } while claims_next(claims)
                    },
                    sums.baseAddress,
                    64
                )
            }
            #expect(sums.reduce(0, +) == 64)
            usleep(2000)  // twenty times as long as a thread spins
        }
    }
}
