/// A set of texts, as a deterministic automaton over Unicode scalars.
///
/// State 0 begins. Surrogates are no characters, so no edge has them.
package struct CharacterMachine: Sendable, Hashable {
    struct Edge: Sendable, Hashable {
        var first, last: UInt32
        var target: Int32
    }

    struct State: Sendable, Hashable {
        /// Sorted, without overlap.
        var edges: [Edge] = []
        var isAccepting = false

        func target(of character: UInt32) -> Int32? {
            edges.first { $0.first <= character && character <= $0.last }?.target
        }
    }

    /// The most states that a machine may have.
    static let limit = 20_000

    var states: [State]

    init(states: [State]) { self.states = states }

    /// Whether the text is in the set.
    package func contains(_ text: String) -> Bool {
        var state = 0
        for scalar in text.unicodeScalars {
            guard let next = states[state].target(of: scalar.value) else { return false }
            state = Int(next)
        }
        return states[state].isAccepting
    }

    /// Whether no text is in the set.
    var isEmpty: Bool { !live[0] }

    var acceptsEmpty: Bool { states[0].isAccepting }

    /// All characters.
    static let alphabet: [ClosedRange<UInt32>] = [0...0xD7FF, 0xE000...0x10FFFF]

    /// All texts.
    static let anything = CharacterMachine(
        states: [
            State(edges: alphabet.map { Edge(first: $0.lowerBound, last: $0.upperBound, target: 0) }, isAccepting: true)
        ]
    )

    /// Which states can still lead to an end.
    private var live: [Bool] {
        var sources = [[Int32]](repeating: [], count: states.count)
        for (index, state) in states.enumerated() {
            for edge in state.edges { sources[Int(edge.target)].append(Int32(index)) }
        }
        var live = states.map(\.isAccepting)
        var work = live.indices.filter { live[$0] }
        while let state = work.popLast() {
            for source in sources[state] where !live[Int(source)] {
                live[Int(source)] = true
                work.append(Int(source))
            }
        }
        return live
    }

    /// The same set, without edges that lead nowhere.
    func trimmed() -> CharacterMachine {
        let live = live
        return CharacterMachine(
            states: states.map { State(edges: $0.edges.filter { live[Int($0.target)] }, isAccepting: $0.isAccepting) }
        )
    }
}

// MARK: Sets of sets

extension CharacterMachine {
    /// Texts that are in both.
    func intersection(_ other: CharacterMachine) throws(GrammarError) -> CharacterMachine {
        var product = Product()
        _ = product.number(0, 0)
        while let (a, b) = product.next() {
            var state = State(isAccepting: states[a].isAccepting && other.states[b].isAccepting)
            for mine in states[a].edges {
                for theirs in other.states[b].edges where mine.first <= theirs.last && theirs.first <= mine.last {
                    let target = product.number(Int(mine.target), Int(theirs.target))
                    let (first, last) = (max(mine.first, theirs.first), min(mine.last, theirs.last))
                    state.edges.append(Edge(first: first, last: last, target: target))
                }
            }
            product.states.append(state)
            guard product.states.count <= Self.limit else {
                throw .tooLarge("with the other conditions it needs more than \(Self.limit) states")
            }
        }
        return CharacterMachine(states: product.states).trimmed()
    }

    /// Texts that are not in the set.
    var complement: CharacterMachine {
        let sink = Int32(states.count)
        var whole = states.map { state in
            State(edges: Self.completed(state.edges, sink), isAccepting: !state.isAccepting)
        }
        whole.append(State(edges: Self.completed([], sink), isAccepting: true))
        return CharacterMachine(states: whole).trimmed()
    }

    private static func completed(_ edges: [Edge], _ sink: Int32) -> [Edge] {
        var all: [Edge] = []
        for range in alphabet {
            var next = range.lowerBound
            for edge in edges where range.contains(edge.first) {
                if edge.first > next { all.append(Edge(first: next, last: edge.first - 1, target: sink)) }
                all.append(edge)
                next = edge.last + 1
            }
            if next <= range.upperBound { all.append(Edge(first: next, last: range.upperBound, target: sink)) }
        }
        return all
    }

    /// Pairs of states, numbered as they come up.
    private struct Product {
        private var numbers: [SIMD2<Int32>: Int32] = [:]
        private var pairs: [SIMD2<Int32>] = []
        var states: [State] = []

        mutating func number(_ a: Int, _ b: Int) -> Int32 {
            let pair = SIMD2(Int32(a), Int32(b))
            if let number = numbers[pair] { return number }
            numbers[pair] = Int32(pairs.count)
            pairs.append(pair)
            return Int32(pairs.count - 1)
        }

        func next() -> (Int, Int)? {
            states.count < pairs.count ? (Int(pairs[states.count].x), Int(pairs[states.count].y)) : nil
        }
    }
}

// MARK: Simple sets

extension CharacterMachine {
    /// Texts of so many characters.
    static func length(_ least: Int, _ most: Int?) throws(GrammarError) -> CharacterMachine {
        let last = most ?? least
        guard last < limit else { throw .tooLarge("\(last) characters cannot be counted beside a pattern or a format") }
        let states = (0...last).map { count in
            let target = count == last ? (most == nil ? Int32(count) : nil) : Int32(count + 1)
            let edges = target.map { target in
                alphabet.map { Edge(first: $0.lowerBound, last: $0.upperBound, target: target) }
            }
            return State(edges: edges ?? [], isAccepting: count >= least)
        }
        return CharacterMachine(states: states)
    }

    /// Texts that do not contain this one.
    static func without(_ text: String) throws(GrammarError) -> CharacterMachine {
        try containing(text).complement
    }

    /// Texts in which this one comes up for the first time at the end.
    static func upTo(_ text: String) throws(GrammarError) -> CharacterMachine {
        let states = try containing(text).states
        return CharacterMachine(states: states.map { $0.isAccepting ? State(isAccepting: true) : $0 })
    }

    /// Texts before this one, so that with it behind them it comes up for the first time there.
    static func before(_ text: String) throws(GrammarError) -> CharacterMachine {
        let states = try upTo(text).states
        let begun = states.indices.map { state in
            let end = text.unicodeScalars.reduce(state as Int?) { state, letter in
                state.flatMap { states[$0].target(of: letter.value) }.map(Int.init)
            }
            return State(edges: states[state].edges, isAccepting: end.map { states[$0].isAccepting } ?? false)
        }
        return CharacterMachine(states: begun).trimmed()
    }

    /// Texts that go on with one of these, and anyhow behind it; for a set that is told from the texts by their first letters.
    func followed(by texts: some Sequence<String>) -> CharacterMachine {
        let first = Int32(states.count), anything = Self.anything.states[0].edges
        let endings = Self.oneOf(texts).states.enumerated().map { index, state in
            var state = state
            if state.isAccepting { state.edges = anything }
            for edge in state.edges.indices {
                state.edges[edge].target = state.isAccepting ? first + Int32(index) : first + state.edges[edge].target
            }
            return state
        }
        let beginnings = states.map { state in
            let edges = state.isAccepting ? state.edges + endings[0].edges : state.edges
            return State(edges: edges.sorted { $0.first < $1.first })
        }
        return CharacterMachine(states: beginnings + endings)
    }

    private static func containing(_ text: String) throws(GrammarError) -> CharacterMachine {
        var network = CharacterNetwork()
        let letters = text.unicodeScalars.map { PatternNode.characters(CharacterRanges($0.value)) }
        var (start, end) = try network.add(.sequence(letters))
        (start, end) = try network.wrapped(start, end)
        return try network.machine(from: start, to: end)
    }

    /// Exactly these texts.
    static func oneOf(_ texts: some Sequence<String>) -> CharacterMachine {
        var states = [State()]
        for text in texts {
            var state = 0
            for scalar in text.unicodeScalars {
                if let next = states[state].target(of: scalar.value) {
                    state = Int(next)
                } else {
                    states.append(State())
                    let edge = Edge(first: scalar.value, last: scalar.value, target: Int32(states.count - 1))
                    let place = states[state].edges.firstIndex { $0.first > scalar.value } ?? states[state].edges.count
                    states[state].edges.insert(edge, at: place)
                    state = states.count - 1
                }
            }
            states[state].isAccepting = true
        }
        return CharacterMachine(states: states)
    }
}
