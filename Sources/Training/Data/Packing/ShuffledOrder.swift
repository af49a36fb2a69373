/// The numbers below `count` in an order drawn from a seed, each found alone: nothing is kept of the others.
///
/// A Feistel network (Luby and Rackoff 1988) shuffles the smallest square of a power of two that holds them all; numbers beyond are
/// shuffled again until they fall below (Black and Rogaway 2002), at most four times on average.
package struct ShuffledOrder: Sendable {
    package let count: Int
    private let half: UInt64, mask: UInt64, keys: [UInt64]

    package init(_ count: Int, seed: UInt64, epoch: Int) {
        precondition(count > 0, "an order of \(count) numbers")
        self.count = count
        let bits = Int.bitWidth - (count - 1).leadingZeroBitCount
        half = UInt64(max(1, (bits + 1) / 2))
        mask = (1 << half) - 1
        let epochKey = RowKey.mixed(seed ^ RowKey.mixed(UInt64(bitPattern: Int64(epoch))))
        keys = (0..<6).map { RowKey.mixed(epochKey &+ $0) }
    }

    /// The number at a place.
    package subscript(place: Int) -> Int {
        precondition(place >= 0 && place < count, "place \(place) of \(count)")
        var number = UInt64(place)
        repeat { number = shuffled(number) } while number >= count
        return Int(number)
    }

    private func shuffled(_ number: UInt64) -> UInt64 {
        var (left, right) = (number >> half, number & mask)
        for key in keys { (left, right) = (right, left ^ RowKey.mixed(right ^ key) & mask) }
        return left << half | right
    }
}
