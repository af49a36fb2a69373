import CKernels
import Testing

/// What threads that wait fetch: the beginning of their share of what followed a run the last time.
@Suite struct PoolReadingTests {
    /// Three places in memory that nobody reads: fetching cannot fail.
    private static let places = [0x1000_0000, 0x2000_0000, 0x3000_0000]

    private func reading(_ parts: (start: Int, panelBytes: Int, panels: Int)...) -> reading_t {
        var reading = reading_t()
        for (index, part) in parts.enumerated() {
            reading_add(&reading, Int32(index), UnsafeRawPointer(bitPattern: part.start), part.panelBytes, part.panels)
        }
        return reading
    }

    private func run(_ pool: OpaquePointer?, _ reading: reading_t) {
        var reading = reading
        pool_reads(pool, &reading)
        pool_run(pool, { _, claims, _ in repeat {} while claims_next(claims) }, nil, 8)
    }

    private func fetched(_ pool: OpaquePointer?, _ thread: Int32) -> (start: Int, bytes: Int) {
        var bytes = 0
        let start = pool_fetches(pool, thread, &bytes)
        return (Int(bitPattern: start), bytes)
    }

    @Test func whatFollowedBeforeIsFetched() {
        let pool = pool_create(2, nil), places = Self.places
        defer { pool_destroy(pool) }
        let steps = places.map { reading(($0, 1024, 10)) }
        for step in steps {
            run(pool, step)
            #expect(fetched(pool, 0) == (0, 0), "nothing is known in the first round")
        }
        for round in 0..<3 {
            for (index, step) in steps.enumerated() {
                run(pool, step)
                let next = places[(index + 1) % places.count]
                #expect(fetched(pool, 0) == (next, 5 * 1024), "round \(round)")
                #expect(fetched(pool, 1) == (next + 5 * 1024, 5 * 1024), "round \(round)")
            }
        }
        run(pool, steps[0])
        run(pool, steps[2])
        run(pool, steps[0])
        #expect(fetched(pool, 0).start == places[2], "what follows changes with what is read")
    }

    @Test func aThreadBeginsInThePartThatItsShareBeginsIn() {
        let pool = pool_create(4, nil), (a, b, c) = (Self.places[0], Self.places[1], Self.places[2])
        defer { pool_destroy(pool) }
        let first = reading((0x4000_0000, 64, 8)), next = reading((a, 64, 12), (b, 128, 2), (c, 256, 2))
        for step in [first, next, first] { run(pool, step) }
        #expect(fetched(pool, 0) == (a, 4 * 64))
        #expect(fetched(pool, 1) == (a + 4 * 64, 4 * 64))
        #expect(fetched(pool, 2) == (a + 8 * 64, 4 * 64))
        #expect(fetched(pool, 3) == (b, 2 * 128))
    }

    @Test func noThreadFetchesMoreThanItsCacheHolds() {
        let pool = pool_create(2, nil), place = Self.places[1]
        defer { pool_destroy(pool) }
        let first = reading((Self.places[0], 64, 8)), next = reading((place, 1 << 20, 64))
        for step in [first, next, first] { run(pool, step) }
        #expect(fetched(pool, 1) == (place + 32 << 20, 128 << 10))
    }
}
