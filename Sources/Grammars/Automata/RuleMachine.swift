/// One rule as a deterministic automaton: of each byte one target, and of each called rule one.
struct RuleMachine {
    struct State {
        var edges: [Program.Edge] = []
        var calls: [Program.Call] = []
        var isAccepting = false
    }

    private(set) var states: [State] = []

    /// The most places of all states together.
    private static let mostWork = 1_000_000

    /// - Parameter room: the most states it may have.
    init(_ network: Network, from start: Int, to end: Int, room: Int) throws(GrammarError) {
        var numbers: [[Int32]: Int32] = [:], sets: [[Int32]] = []
        func number(_ nodes: [Int32]) -> Int32 {
            let set = network.closure(nodes)
            if let number = numbers[set] { return number }
            numbers[set] = Int32(sets.count)
            sets.append(set)
            return Int32(sets.count - 1)
        }
        _ = number([Int32(start)])
        var work = 0
        while states.count < sets.count {
            let set = sets[states.count]
            work += set.count
            guard work <= Self.mostWork else { throw .tooLarge("it is too ambiguous to be followed") }
            var state = State(isAccepting: set.contains(Int32(end)))
            for (range, targets) in network.reads(of: set) {
                state.append(.init(first: range.lowerBound, last: range.upperBound, target: number(targets)))
            }
            for (rule, targets) in network.calls(of: set) {
                state.calls.append(.init(rule: Int32(rule), target: number(targets)))
            }
            states.append(state)
            guard states.count <= room else { throw .tooLarge("with the rules before it, it needs too many states") }
        }
        // No rule matches the empty text, see Program. Nothing leads back to the first state of a network.
        states[0].isAccepting = false
    }

    /// Keeps what can still come to an end.
    mutating func prune(productive: (Int32) -> Bool) {
        let live = live(productive: productive)
        for index in states.indices {
            states[index].edges.removeAll { !live[Int($0.target)] }
            states[index].calls.removeAll { !live[Int($0.target)] || !productive($0.rule) }
        }
    }

    /// Which states can come to an end, where only such rules can be called.
    func live(productive: (Int32) -> Bool) -> [Bool] {
        var sources = [[Int]](repeating: [], count: states.count)
        for (index, state) in states.enumerated() {
            for edge in state.edges { sources[Int(edge.target)].append(index) }
            for call in state.calls where productive(call.rule) { sources[Int(call.target)].append(index) }
        }
        var live = states.map(\.isAccepting)
        var work = live.indices.filter { live[$0] }
        while let state = work.popLast() {
            for source in sources[state] where !live[source] {
                live[source] = true
                work.append(source)
            }
        }
        return live
    }
}

extension RuleMachine.State {
    fileprivate mutating func append(_ edge: Program.Edge) {
        if let last = edges.last, last.target == edge.target, Int(last.last) + 1 == Int(edge.first) {
            edges[edges.count - 1].last = edge.last
        } else {
            edges.append(edge)
        }
    }
}

extension Network {
    fileprivate func closure(_ nodes: [Int32]) -> [Int32] {
        var seen = Set(nodes), work = nodes
        while let node = work.popLast() {
            for (step, target) in edges[Int(node)] {
                if case .free = step, seen.insert(Int32(target)).inserted { work.append(Int32(target)) }
            }
        }
        return seen.sorted()
    }

    fileprivate func reads(of set: [Int32]) -> [(ClosedRange<UInt8>, [Int32])] {
        var steps: [(range: ClosedRange<UInt8>, target: Int32)] = []
        for node in set {
            for (step, target) in edges[Int(node)] {
                if case .range(let range) = step { steps.append((range, Int32(target))) }
            }
        }
        guard !steps.isEmpty else { return [] }
        let cuts = Set(steps.flatMap { [Int($0.range.lowerBound), Int($0.range.upperBound) + 1] }).sorted()
        return zip(cuts, cuts.dropFirst()).compactMap { first, next in
            let targets = steps.filter { $0.range.contains(UInt8(first)) }.map(\.target)
            return targets.isEmpty ? nil : (UInt8(first)...UInt8(next - 1), Set(targets).sorted())
        }
    }

    fileprivate func calls(of set: [Int32]) -> [(Int, [Int32])] {
        var targets: [Int: Set<Int32>] = [:]
        for node in set {
            for (step, target) in edges[Int(node)] {
                if case .call(let rule) = step { targets[rule, default: []].insert(Int32(target)) }
            }
        }
        return targets.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
    }
}
