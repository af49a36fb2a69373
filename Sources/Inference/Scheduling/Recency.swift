/// A set of blocks in the order they were added, every operation in constant time: a list linked through two arrays.
struct Recency: Sendable {
    private(set) var count = 0
    private var next: [Int32], previous: [Int32]  // the last element of each belongs to the list itself
    private var end: Int32 { Int32(next.count - 1) }

    init(count: Int) {
        next = Array(repeating: -1, count: count + 1)
        previous = next
        next[count] = Int32(count)
        previous[count] = Int32(count)
    }

    mutating func append(_ block: Int32) {
        let last = previous[Int(end)]
        (next[Int(last)], previous[Int(block)]) = (block, last)
        (next[Int(block)], previous[Int(end)]) = (end, block)
        count += 1
    }

    mutating func remove(_ block: Int32) {
        let (before, after) = (previous[Int(block)], next[Int(block)])
        (next[Int(before)], previous[Int(after)]) = (after, before)
        (next[Int(block)], previous[Int(block)]) = (-1, -1)
        count -= 1
    }

    mutating func popFirst() -> Int32? {
        let first = next[Int(end)]
        guard first != end else { return nil }
        remove(first)
        return first
    }

    /// The oldest first.
    var blocks: [Int32] {
        var blocks: [Int32] = [], block = next[Int(end)]
        while block != end, blocks.count <= count {
            blocks.append(block)
            block = next[Int(block)]
        }
        return blocks
    }
}
