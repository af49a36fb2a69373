/// Knows of a growing text how much of its end it has had before, and where: a suffix automaton (Blumer et al. 1985).
///
/// A state stands for the ends of the text that came up at the same places. Everything lies in flat arrays, with at
/// most two states and one edge in the table for each token: some 40 to 100 bytes. A token takes constant time on
/// average.
package struct SuffixIndex: Sendable {
    private struct State: Sendable {
        /// Tokens of the longest end it stands for, and the state of the longest that it does not.
        var length: Int32, link: Int32
        /// Where it ended first; the token there leads to `next`, all others over edges, of which this is the latest.
        var first: Int32, next = SuffixIndex.none, edge = SuffixIndex.none
        /// Where it ended latest.
        var latest: Int32
    }

    package private(set) var tokens: [Int32] = []
    /// The longest end that came up before: its tokens, and where it ended then, the latest time.
    package private(set) var match = (length: 0, end: 0)
    private var states = [State(length: 0, link: none, first: 0, latest: 0)]
    private var edges = Edges()
    private var last: Int32 = 0

    private static let none: Int32 = -1
    /// How many shorter ends learn where they ended latest. Only texts that repeat themselves over and over have more.
    private static let climb = 16

    package init() {}

    package mutating func append(_ token: Int32) {
        tokens.append(token)
        let end = Int32(tokens.count), new = Int32(states.count)
        states.append(State(length: end, link: 0, first: end, latest: end))
        var state = last
        while state != Self.none, self[state, token] == Self.none {
            self[state, token] = new
            state = states[Int(state)].link
        }
        states[Int(new)].link = state == Self.none ? 0 : prefix(state, token)
        last = new
        look(states[Int(new)].link, end)
    }

    /// Where that many tokens lie at most.
    package var bytes: Int {
        tokens.capacity * 4 + states.capacity * MemoryLayout<State>.stride + edges.bytes
    }

    /// The state of what `state` stands for at its longest and `token`, made of another where that stands for more.
    private mutating func prefix(_ state: Int32, _ token: Int32) -> Int32 {
        let whole = self[state, token], length = states[Int(state)].length + 1
        guard states[Int(whole)].length != length else { return whole }
        let part = Int32(states.count)
        states.append(states[Int(whole)])
        states[Int(part)].length = length
        states[Int(part)].edge = edges.copy(states[Int(whole)].edge, to: part)
        states[Int(whole)].link = part
        var state = state
        while state != Self.none, self[state, token] == whole {
            self[state, token] = part
            state = states[Int(state)].link
        }
        return part
    }

    private mutating func look(_ longest: Int32, _ end: Int32) {
        match = (Int(states[Int(longest)].length), Int(states[Int(longest)].latest))
        var state = longest, steps = 0
        while state > 0, steps < Self.climb {
            states[Int(state)].latest = end
            state = states[Int(state)].link
            steps += 1
        }
    }

    /// Where a token leads.
    private subscript(state: Int32, token: Int32) -> Int32 {
        get {
            let here = states[Int(state)]
            guard here.next != Self.none else { return Self.none }
            if tokens[Int(here.first)] == token { return here.next }
            return here.edge == Self.none ? Self.none : edges.target(state, token)
        }
        set {
            let here = states[Int(state)]
            if here.next == Self.none || tokens[Int(here.first)] == token {
                states[Int(state)].next = newValue
            } else if let edge = edges.set(state, token, newValue, after: here.edge) {
                states[Int(state)].edge = edge
            }
        }
    }
}
