/// How often each pair of tokens stands side by side, and in which words the pairs of the current step were seen.
struct PairCounts {
    private struct Slot {
        var pair: UInt64
        var count: Int
        /// The place in `fresh` of a pair that the current step has seen; -1 otherwise.
        var fresh: Int32
    }

    private static let empty = UInt64.max
    private static let free = Slot(pair: empty, count: 0, fresh: -1)
    private var slots = [Slot](repeating: free, count: 1 << 12)
    private var used = 0
    private var fresh: [(pair: UInt64, words: [UInt32])] = []

    static func key(_ left: UInt32, _ right: UInt32) -> UInt64 { UInt64(left) << 32 | UInt64(right) }

    func count(of pair: UInt64) -> Int { slots[index(of: pair)].count }

    @inline(__always) mutating func remove(_ left: UInt32, _ right: UInt32, _ count: Int) {
        slots[place(for: Self.key(left, right))].count -= count
    }

    /// Counts the pair, and notes the word for the queue; words come in ascending order.
    @inline(__always) mutating func add(_ left: UInt32, _ right: UInt32, _ count: Int, in word: UInt32) {
        let pair = Self.key(left, right), index = place(for: pair)
        slots[index].count += count
        if slots[index].fresh < 0 {
            slots[index].fresh = Int32(fresh.count)
            fresh.append((pair, [word]))
        } else {
            let number = Int(slots[index].fresh)
            if fresh[number].words.last != word { fresh[number].words.append(word) }
        }
    }

    /// Hands the pairs that were seen since the last call to the queue.
    mutating func drain(born: Int, into queue: inout PairQueue) {
        for (pair, words) in fresh {
            let index = index(of: pair)
            slots[index].fresh = -1
            guard slots[index].count > 0 else { continue }
            queue.insert(pair, count: slots[index].count, born: born, words: words)
        }
        fresh.removeAll(keepingCapacity: true)
    }

    @inline(__always) private func index(of pair: UInt64) -> Int {
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            var index = Int(truncatingIfNeeded: ByteHash.mix(pair ^ ByteHash.seed)) & mask
            while slots[index].pair != pair, slots[index].pair != Self.empty { index = (index + 1) & mask }
            return index
        }
    }

    /// The slot of a pair, which is made if there is none.
    @inline(__always) private mutating func place(for pair: UInt64) -> Int {
        let index = index(of: pair)
        if slots[index].pair == pair { return index }
        slots[index].pair = pair
        used += 1
        guard 2 * used > slots.count else { return index }
        grow()
        return self.index(of: pair)
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Self.free, count: 2 * old.count)
        for slot in old where slot.pair != Self.empty { slots[index(of: slot.pair)] = slot }
    }
}
