import Testing
import Training

@Suite struct ShuffledOrderTests {
    @Test func everyNumberHasOnePlace() {
        for count in 1...300 {
            let order = ShuffledOrder(count, seed: UInt64(count) * 31, epoch: count % 3)
            #expect(Set((0..<count).map { order[$0] }) == Set(0..<count), "\(count)")
        }
    }

    @Test func seedsAndEpochsDiffer() {
        let places: [(UInt64, Int)] = [(1, 0), (2, 0), (1, 1), (2, 1)]
        let orders = places.map { seed, epoch in
            let order = ShuffledOrder(50, seed: seed, epoch: epoch)
            return (0..<50).map { order[$0] }
        }
        #expect(Set(orders).count == 4)
    }

    /// Over many seeds every number comes first about equally often.
    @Test func ordersAreSpreadEvenly() {
        var first = [Int](repeating: 0, count: 10)
        for seed in 0..<5000 { first[ShuffledOrder(10, seed: UInt64(seed), epoch: 0)[0]] += 1 }
        let surprise = first.reduce(0.0) { $0 + (Double($1) - 500) * (Double($1) - 500) / 500 }
        #expect(surprise < 27.9)  // chi squared, 9 degrees of freedom, one in a thousand
    }

    @Test func aLargeOrderIsFoundWithoutTheOthers() {
        let order = ShuffledOrder(1 << 40, seed: 5, epoch: 9)
        #expect(Set((0..<1000).map { order[$0 << 30] }).count == 1000)
    }
}
