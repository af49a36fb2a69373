extension BPE {
    /// Merges a part of any length in O(n log n): pieces in a linked list, candidate merges in a heap.
    func mergeLong(_ part: UTF8Text, into ids: inout [Int]) {
        var list = PieceList(split(part))
        var heap = MinHeap(list.nodes.indices.dropLast().compactMap { list.key(of: $0, model, part) })
        while let key = heap.popFirst() {
            let index = Int(key & 0xFFFF_FFFF)
            guard list.nodes[index].rank == UInt32(key >> 32) else { continue }  // superseded
            let merge = model.merge(list.nodes[index].piece, list.nodes[list.nodes[index].next].piece, in: part)
            list.merge(index, into: merge.id)
            for changed in [list.nodes[index].previous, index] where changed >= 0 {
                if let key = list.key(of: changed, model, part) { heap.insert(key) }
            }
        }
        var index = list.nodes.isEmpty ? -1 : 0
        while index >= 0 {
            append(list.nodes[index].piece, of: part, to: &ids)
            index = list.nodes[index].next
        }
    }

    private func split(_ part: UTF8Text) -> [Piece] {
        var pieces: [Piece] = [], start = 0
        pieces.reserveCapacity(part.count)
        while start < part.count {
            let piece = model.piece(of: part, at: start)
            if let piece { pieces.append(piece) }
            start = piece.map { Int($0.end) } ?? start + 1
        }
        return pieces
    }
}

/// Pieces as a doubly linked list in an array.
private struct PieceList {
    struct Node {
        var piece: Piece
        /// The rank at which it merges with the next one.
        var rank = UInt32.max
        private var before, after: Int32

        init(_ piece: Piece, at index: Int, of count: Int) {
            self.piece = piece
            before = Int32(index) - 1
            after = index + 1 < count ? Int32(index) + 1 : -1
        }

        var previous: Int {
            get { Int(before) }
            set { before = Int32(newValue) }
        }
        var next: Int {
            get { Int(after) }
            set { after = Int32(newValue) }
        }
    }

    var nodes: [Node]

    init(_ pieces: [Piece]) {
        nodes = pieces.indices.map { Node(pieces[$0], at: $0, of: pieces.count) }
    }

    /// Notes how a piece merges with the next, and tells its place in the queue: by rank, then by position.
    mutating func key(of index: Int, _ model: some BPEModel, _ part: UTF8Text) -> UInt64? {
        let next = nodes[index].next
        let merge = next < 0 ? .never : model.merge(nodes[index].piece, nodes[next].piece, in: part)
        nodes[index].rank = merge.rank
        return merge.rank == Merge.never.rank ? nil : UInt64(merge.rank) << 32 | UInt64(index)
    }

    /// Joins a piece with the next one.
    mutating func merge(_ index: Int, into id: UInt32) {
        let gone = nodes[index].next, next = nodes[gone].next
        nodes[index].piece = Piece(id: id, start: nodes[index].piece.start, end: nodes[gone].piece.end)
        nodes[index].next = next
        nodes[gone].rank = Merge.never.rank
        if next >= 0 { nodes[next].previous = index }
    }
}

/// A binary heap of numbers.
private struct MinHeap {
    private var keys: [UInt64]

    init(_ keys: [UInt64]) {
        self.keys = keys
        for index in stride(from: keys.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    mutating func insert(_ key: UInt64) {
        keys.append(key)
        var index = keys.count - 1
        while index > 0, keys[(index - 1) / 2] > key {
            keys[index] = keys[(index - 1) / 2]
            index = (index - 1) / 2
        }
        keys[index] = key
    }

    mutating func popFirst() -> UInt64? {
        guard let first = keys.first, let last = keys.popLast() else { return nil }
        if !keys.isEmpty {
            keys[0] = last
            sink(0)
        }
        return first
    }

    private mutating func sink(_ start: Int) {
        let key = keys[start]
        var index = start
        while 2 * index + 1 < keys.count {
            var child = 2 * index + 1
            if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
            guard keys[child] < key else { break }
            keys[index] = keys[child]
            index = child
        }
        keys[index] = key
    }
}
