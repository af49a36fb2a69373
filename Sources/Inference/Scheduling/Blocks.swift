/// Which blocks of the key-value cache are whose, and what the free ones still hold. Bookkeeping only: no tensor.
///
/// A block is *held* (by one or more requests), *cached* (free, but its contents can be found again), or *empty*. A full block
/// is known by its tokens and the block before it, compared exactly: equal hashes of different texts do no harm.
package struct Blocks: Sendable {
    /// Positions in a block.
    package static let size = 16

    /// The contents of a published block. A text's *root* stands before its first block: texts with different roots share nothing.
    package typealias Content = UInt64

    /// The root of texts that the adapter of that number reads; 0 is the network alone.
    package static func root(_ adapter: UInt64) -> Content { adapter == 0 ? 0 : adapter | 1 << 63 }

    private struct Key: Hashable { var before: Content, tokens: SIMD16<Int32> }

    private struct Block {
        var holders = 0
        var content: Content = 0  // 0: not published
        var key = Key(before: 0, tokens: .zero)
    }

    private var blocks: [Block]
    private var found: [Key: Int32] = [:]
    private var empty: [Int32]
    private var cached: Recency
    private var contents: Content = 0

    package init(count: Int) {
        blocks = Array(repeating: Block(), count: count)
        empty = (0..<Int32(count)).reversed()
        cached = Recency(count: count)
        found.reserveCapacity(count)
    }

    package var count: Int { blocks.count }
    package var emptyCount: Int { empty.count }
    package var cachedCount: Int { cached.count }
    package var heldCount: Int { count - available }
    /// How many can be taken.
    package var available: Int { empty.count + cached.count }

    /// How many blocks `tokens` positions need.
    package static func covering(_ tokens: Int) -> Int { (tokens + size - 1) / size }

    /// Hands out a block with nothing in it; drops the contents longest unused if need be.
    package mutating func take() -> Int32? {
        guard let block = empty.popLast() ?? evict() else { return nil }
        blocks[Int(block)].holders = 1
        return block
    }

    package mutating func release(_ block: Int32) {
        let index = Int(block)
        precondition(blocks[index].holders > 0, "Blocks.release: block \(block) is not held")
        blocks[index].holders -= 1
        guard blocks[index].holders == 0 else { return }
        if blocks[index].content == 0 { empty.append(block) } else { cached.append(block) }
    }

    /// Releases a text's blocks, its end first, so that beginnings stay cached longest.
    package mutating func release(_ blocks: [Int32]) {
        for block in blocks.reversed() { release(block) }
    }

    private mutating func evict() -> Int32? {
        guard let block = cached.popFirst() else { return nil }
        found[blocks[Int(block)].key] = nil
        blocks[Int(block)] = Block()
        return block
    }
}

// MARK: Finding contents again

extension Blocks {
    /// The longest run of full blocks that already hold the beginning of `tokens`, and its last contents; none is retained.
    package func prefix(
        of tokens: some RandomAccessCollection<Int32>,
        after root: Content = 0
    ) -> (blocks: [Int32], last: Content) {
        var run: [Int32] = [], last = root, rest = tokens[...]
        while rest.count >= Self.size, let block = found[Key(before: last, tokens: SIMD16(rest.prefix(Self.size)))] {
            run.append(block)
            last = blocks[Int(block)].content
            rest = rest.dropFirst(Self.size)
        }
        return (run, last)
    }

    /// Adds a holder to each of the blocks, cached ones included.
    package mutating func retain(_ run: [Int32]) {
        for block in run {
            let index = Int(block)
            precondition(blocks[index].content != 0, "Blocks.retain: block \(block) is not published")
            if blocks[index].holders == 0 { cached.remove(block) }
            blocks[index].holders += 1
        }
    }

    /// Declares that `block`, held by one, now holds these tokens after `before`.
    ///
    /// If another block already does, that one is retained in its place and `block` released.
    package mutating func publish(
        _ block: Int32,
        _ tokens: some Collection<Int32>,
        after before: Content
    ) -> (block: Int32, content: Content) {
        let key = Key(before: before, tokens: SIMD16(tokens)), index = Int(block)
        precondition(
            blocks[index].holders == 1 && blocks[index].content == 0,
            "Blocks.publish: block \(block) is shared"
        )
        if let same = found[key] {
            retain([same])
            release(block)
            return (same, blocks[Int(same)].content)
        }
        contents += 1
        blocks[index].content = contents
        blocks[index].key = key
        found[key] = block
        return (block, contents)
    }
}

// MARK: Invariants

extension Blocks {
    /// Whether every block is in exactly one place and every contents can be found. For tests and assertions.
    package var isConsistent: Bool {
        let free = Set(empty), kept = Set(cached.blocks)
        let published = blocks.indices.filter { blocks[$0].content != 0 }
        return free.count == empty.count && kept.count == cached.count && free.isDisjoint(with: kept)
            && blocks.indices.allSatisfy { index in
                let block = blocks[index], id = Int32(index)
                let idle = block.holders == 0
                return block.holders >= 0 && free.contains(id) == (idle && block.content == 0)
                    && kept.contains(id) == (idle && block.content != 0)
                    && (block.content == 0 || found[block.key] == id)
            }
            && found.count == published.count && Set(published.map { blocks[$0].content }).count == published.count
    }

    /// How many hold each block. For tests.
    package var holders: [Int] { blocks.map(\.holders) }
}
