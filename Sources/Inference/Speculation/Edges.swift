extension SuffixIndex {
    /// Edges of an automaton: a hash table of their numbers, and those of one state in a chain.
    struct Edges: Sendable {
        private struct Edge: Sendable { var state, token, target, before: Int32 }

        private var edges: [Edge] = []
        /// Numbers of edges from 1 on, by their hash; 0 is none. Twice as many at least as there are edges.
        private var slots: [Int32] = []

        var bytes: Int { edges.capacity * MemoryLayout<Edge>.stride + slots.capacity * 4 }

        func target(_ state: Int32, _ token: Int32) -> Int32 {
            guard !slots.isEmpty else { return -1 }
            let number = slots[slot(state, token)]
            return number == 0 ? -1 : edges[Int(number) - 1].target
        }

        /// Leads an edge elsewhere, or adds it to those of its state; returns its index if it is new.
        mutating func set(_ state: Int32, _ token: Int32, _ target: Int32, after before: Int32) -> Int32? {
            if 2 * (edges.count + 1) > slots.count { grow() }
            let slot = slot(state, token)
            if slots[slot] != 0 {
                edges[Int(slots[slot]) - 1].target = target
                return nil
            }
            edges.append(Edge(state: state, token: token, target: target, before: before))
            slots[slot] = Int32(edges.count)
            return Int32(edges.count - 1)
        }

        /// Gives a state the edges of another, the latest of which is known; returns the latest of its own.
        mutating func copy(_ latest: Int32, to state: Int32) -> Int32 {
            var (next, copied) = (latest, Int32(-1))
            while next != -1 {
                let edge = edges[Int(next)]
                copied = set(state, edge.token, edge.target, after: copied) ?? copied
                next = edge.before
            }
            return copied
        }

        /// Where the edge is, or would be.
        private func slot(_ state: Int32, _ token: Int32) -> Int {
            let key = UInt64(UInt32(bitPattern: state)) << 32 | UInt64(UInt32(bitPattern: token))
            var hash = key &* 0x9e37_79b9_7f4a_7c15
            hash = (hash ^ hash >> 32) &* 0xd6e8_feb8_6659_fd93
            var slot = Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
            while slots[slot] != 0 {
                let edge = edges[Int(slots[slot]) - 1]
                if edge.state == state, edge.token == token { break }
                slot = (slot + 1) & (slots.count - 1)
            }
            return slot
        }

        private mutating func grow() {
            slots = Array(repeating: 0, count: max(64, 2 * slots.count))
            for (index, edge) in edges.enumerated() { slots[slot(edge.state, edge.token)] = Int32(index + 1) }
        }
    }
}
