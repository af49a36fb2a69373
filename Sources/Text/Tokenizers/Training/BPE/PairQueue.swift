/// Pairs of tokens by frequency: a heap with the most frequent on top, of equals the one with the lowest ids.
struct PairQueue {
    struct Entry {
        var count: Int
        /// The left id in the upper half, the right one in the lower.
        var pair: UInt64
        /// The step that made the entry: a pair has one entry for each step that found new places for it.
        var born: Int32
        var list: Int32

        @inline(__always) func precedes(_ other: Entry) -> Bool {
            if count != other.count { return count > other.count }
            return pair != other.pair ? pair < other.pair : born < other.born
        }

        init(count: Int, pair: UInt64, born: Int32, list: Int32) {
            (self.count, self.pair, self.born, self.list) = (count, pair, born, list)
        }
    }

    private var entries: [Entry] = []
    private var lists: [[UInt32]] = []
    private var unused: [Int32] = []

    mutating func insert(_ pair: UInt64, count: Int, born: Int, words: [UInt32]) {
        let list = unused.popLast() ?? Int32(lists.count)
        if list == lists.count { lists.append(words) } else { lists[Int(list)] = words }
        insert(Entry(count: count, pair: pair, born: Int32(born), list: list))
    }

    /// The words of an entry that was popped; its place is free afterwards.
    mutating func takeList(_ list: Int32) -> [UInt32] {
        defer {
            lists[Int(list)] = []
            unused.append(list)
        }
        return lists[Int(list)]
    }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0, entry.precedes(entries[(index - 1) / 2]) {
            entries[index] = entries[(index - 1) / 2]
            index = (index - 1) / 2
        }
        entries[index] = entry
    }

    mutating func popFirst() -> Entry? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return first }
        var index = 0
        while 2 * index + 1 < entries.count {
            var child = 2 * index + 1
            if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
            guard entries[child].precedes(last) else { break }
            entries[index] = entries[child]
            index = child
        }
        entries[index] = last
        return first
    }
}
