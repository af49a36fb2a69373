/// A walk through the trie of tokens from one frame of a stack.
///
/// The sets of nodes that come up are numbered, and what a byte does to each is remembered: so the walk runs on a deterministic
/// automaton that grows where it is needed.
struct Walk {
    private static let unknown: Int32 = -2, dead: Int32 = -1
    /// Where a grammar is so ambiguous that a walk takes longer, it ends early: the mask has fewer tokens, none of them wrong.
    private static let mostWork = 200_000

    private var stacks: Stacks
    private var sets: [[Int32]] = [], numbers: [[Int32]: Int32] = [:]
    /// For each set and byte the set that follows, twice, and one more if the frame may be left.
    private var table: [Int32] = []
    /// For each set how often the repetition at the bottom has begun.
    private var bases: [Int32] = []
    private var work = 0
    /// Whether the count of a repetition is not a function of the text.
    private var isAmbiguous = false

    private var accepted: [(node: Int32, count: Int32)] = []
    private var exits: [(node: Int32, count: Int32)] = []
    /// The set after each byte of the way to the node at hand.
    private var levels: [Int32] = []

    private init(_ program: Program, _ trie: TokenTrie, _ state: Int32, _ count: Int32, isOpen: Bool) {
        (stacks, levels) = (Stacks(program), Array(repeating: 0, count: trie.longest + 1))
        stacks.isOpen = isOpen
        _ = number([stacks.node(state, count, Stacks.bottom)])
    }

    /// What tokens do to a frame, read on from some places of the trie.
    static func cut(_ program: Program, _ trie: TokenTrie, from places: [Int32], _ state: Int32, _ count: Int32) -> Cut
    {
        var walk = Walk(program, trie, state, count, isOpen: false)
        let arrival = walk.stacks.arrival(state, count), root = places == [0]
        for place in places {
            if arrival.returns, !root { walk.exits.append((place, 0)) }
            if arrival.stays { walk.run(trie, from: place) }
        }
        return Cut(
            accepted: TokenSet(trie.tokens(at: walk.accepted.lazy.map(\.node)), vocabularySize: trie.vocabularySize),
            exits: walk.exits.map(\.node)
        )
    }

    /// What tokens do to a repetition; nil if their counts are ambiguous.
    static func repetition(_ program: Program, _ trie: TokenTrie, _ state: Int32) -> Repetition? {
        var walk = Walk(program, trie, state, 0, isOpen: true)
        walk.run(trie, from: 0)
        guard !walk.isAmbiguous else { return nil }
        let most = walk.accepted.map(\.count).max() ?? 0
        var tokens = [[UInt32]](repeating: [], count: Int(most) + 1)
        for (node, count) in walk.accepted { tokens[Int(count)] += trie.tokens(at: node) }
        return Repetition(tokens: tokens, exits: walk.exits, vocabularySize: trie.vocabularySize)
    }

    private mutating func run(_ trie: TokenTrie, from place: Int32) {
        let depth = Int(trie.depths[Int(place)]), end = trie.nexts[Int(place)]
        var node = place + 1
        while node < end, work < Self.mostWork {
            let index = Int(node), level = Int(trie.depths[index]) - depth
            let next = follow(levels[level - 1], trie.bytes[index])
            guard next != Self.dead else {
                node = trie.nexts[index]
                continue
            }
            let set = next >> 1, count = bases[Int(set)]
            if trie.firsts[index] != trie.firsts[index + 1] { accepted.append((node, count)) }
            let goesOn = trie.nexts[index] > node + 1
            if next & 1 != 0, goesOn { exits.append((node, count)) }
            levels[level] = set
            node = sets[Int(set)].isEmpty ? trie.nexts[index] : node + 1
        }
    }

    @inline(__always)
    private mutating func follow(_ set: Int32, _ byte: UInt8) -> Int32 {
        let known = table[Int(set) << 8 | Int(byte)]
        return known == Self.unknown ? learn(set, byte) : known
    }

    private mutating func learn(_ set: Int32, _ byte: UInt8) -> Int32 {
        var next: [Int32] = []
        work += sets[Int(set)].count
        let ends = stacks.step(sets[Int(set)][...], byte, into: &next)
        let result = next.isEmpty && !ends ? Self.dead : number(next.sorted()) << 1 | (ends ? 1 : 0)
        table[Int(set) << 8 | Int(byte)] = result
        return result
    }

    private mutating func number(_ set: [Int32]) -> Int32 {
        if let number = numbers[set] { return number }
        let number = Int32(sets.count)
        numbers[set] = number
        sets.append(set)
        table += repeatElement(Self.unknown, count: 256)
        let counts = Set(set.map(stacks.baseCount))
        bases.append(counts.first ?? 0)
        if stacks.isOpen, counts.count != 1 { isAmbiguous = true }
        return number
    }
}

extension TokenTrie {
    /// The tokens that end at some nodes.
    fileprivate func tokens(at nodes: some Collection<Int32>) -> [UInt32] {
        var found: [UInt32] = []
        found.reserveCapacity(nodes.count)
        for node in nodes {
            for place in firsts[Int(node)]..<firsts[Int(node) + 1] { found.append(tokens[Int(place)]) }
        }
        return found
    }

    /// The tokens that end at a node.
    func tokens(at node: Int32) -> ArraySlice<UInt32> {
        tokens[Int(firsts[Int(node)])..<Int(firsts[Int(node) + 1])]
    }
}
