/// A grammar ready to run: the states of all rules, side by side.
///
/// No rule matches the empty text: where one could, its callers may go around it. So every call reads at least a byte.
struct Program: Sendable {
    struct Edge: Sendable, Hashable {
        var first, last: UInt8
        var target: Int32
    }

    struct Call: Sendable, Hashable {
        var rule, target: Int32
    }

    /// A rule that repeats another, counted as it runs.
    struct Count: Sendable, Hashable {
        var rule: Int32
        /// At least 1.
        var least: Int32
        var most: Int32
    }

    struct State: Sendable {
        var edges: Range<Int32> = 0..<0, calls: Range<Int32> = 0..<0
        var isAccepting = false
        /// Which of `counts`, if the state is that of a repetition; -1 if not.
        var count: Int32 = -1
        /// Where its row of 256 targets begins in `rows`, if it has one.
        var row: Int32 = -1

        /// Whether there is nothing to do here but to return.
        var isFinal: Bool { isAccepting && edges.isEmpty && calls.isEmpty }
    }

    private(set) var states: [State] = []
    private(set) var edges: [Edge] = []
    private(set) var calls: [Call] = []
    private(set) var counts: [Count] = []
    /// For states with many edges: the target of each byte, or -1.
    private(set) var rows: [Int32] = []
    /// Where each rule begins.
    var starts: [Int32] = []
    var root = 0
    /// Whether the empty text is a whole one.
    var acceptsEmpty = false
    /// A rule that calls none, as bytes: equal ones match the same.
    var signatures: [[UInt8]?] = []
    /// The rule of each state.
    private(set) var rules: [Int32] = []

    mutating func append(_ found: [Edge], _ called: [Call], isAccepting: Bool, rule: Int) {
        var state = State(isAccepting: isAccepting)
        state.edges = Int32(edges.count)..<Int32(edges.count + found.count)
        state.calls = Int32(calls.count)..<Int32(calls.count + called.count)
        edges += found
        calls += called
        if found.count > 4 {
            state.row = Int32(rows.count)
            rows += repeatElement(-1, count: 256)
            for edge in found {
                for byte in edge.first...edge.last { rows[Int(state.row) + Int(byte)] = edge.target }
            }
        }
        states.append(state)
        rules.append(Int32(rule))
    }

    mutating func append(_ count: Count, rule: Int) {
        states.append(State(count: Int32(counts.count)))
        counts.append(count)
        rules.append(Int32(rule))
    }

    /// Where a byte leads from a state, or -1.
    @inline(__always)
    func target(_ state: State, _ byte: UInt8) -> Int32 {
        if state.row >= 0 { return rows[Int(state.row) + Int(byte)] }
        for index in state.edges {
            let edge = edges[Int(index)]
            if byte >= edge.first, byte <= edge.last { return edge.target }
        }
        return -1
    }
}
