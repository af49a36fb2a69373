/// A flat hash table from two numbers to two numbers: open addressing, linear probing, at most half full.
///
/// It only grows while it is built; then it is read from any thread.
final class PairTable: @unchecked Sendable {
    struct Slot {
        var key: UInt64
        var value: Pair
    }

    struct Pair {
        var first, second: UInt32
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int
    private let seed = ByteHash.seed
    private static let empty = UInt64.max

    /// A table with room for `capacity` keys, which is as many as may be inserted.
    init(capacity: Int) {
        let count = 1 << (Int.bitWidth - (2 * max(capacity, 4) - 1).leadingZeroBitCount)
        slots = .allocate(capacity: count)
        slots.initialize(repeating: Slot(key: Self.empty, value: Pair(first: 0, second: 0)), count: count)
        mask = count - 1
    }

    deinit { slots.deallocate() }

    @inline(__always) private func index(of key: UInt64) -> Int {
        var index = Int(truncatingIfNeeded: ByteHash.mix(key ^ seed)) & mask
        while slots[index].key != key, slots[index].key != Self.empty { index = (index + 1) & mask }
        return index
    }

    @inline(__always) func find(_ left: UInt32, _ right: UInt32) -> Pair? {
        let key = UInt64(left) << 32 | UInt64(right)
        let index = index(of: key)
        return slots[index].key == key ? slots[index].value : nil
    }

    /// Keeps the value that came first when a key comes twice.
    func insert(_ left: UInt32, _ right: UInt32, _ value: Pair) {
        let key = UInt64(left) << 32 | UInt64(right)
        let index = index(of: key)
        if slots[index].key != key { slots[index] = Slot(key: key, value: value) }
    }
}
