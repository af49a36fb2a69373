/// A nondeterministic automaton over characters, as a regular expression makes it (Thompson 1968).
///
/// Beginnings and ends of the text are conditions on edges, so that anchors may stand anywhere.
struct CharacterNetwork {
    enum Step {
        case free
        case atStart
        case atEnd
        case range(ClosedRange<UInt32>)
    }

    /// The most nodes of all states together.
    private static let mostWork = 500_000

    private(set) var edges: [[(step: Step, target: Int)]] = []

    mutating func node() throws(GrammarError) -> Int {
        guard edges.count < 60_000 else { throw .tooLarge("it has more than 60000 places") }
        edges.append([])
        return edges.count - 1
    }

    mutating func connect(_ from: Int, _ to: Int, _ step: Step = .free) { edges[from].append((step, to)) }

    /// The deterministic automaton of the texts that lead from one node to another.
    func machine(from start: Int, to end: Int) throws(GrammarError) -> CharacterMachine {
        var numbers: [[Int]: Int32] = [:], sets: [[Int]] = [], states: [CharacterMachine.State] = []
        func number(_ set: [Int]) -> Int32 {
            if let number = numbers[set] { return number }
            numbers[set] = Int32(sets.count)
            sets.append(set)
            return Int32(sets.count - 1)
        }
        _ = number(closure([start], isStart: true))
        var work = 0
        while states.count < sets.count {
            let set = sets[states.count], isFirst = states.isEmpty
            work += set.count
            guard work <= Self.mostWork else { throw .tooLarge("it is too ambiguous to be followed") }
            let isAccepting = closure(set, isStart: isFirst, isEnd: true).contains(end)
            let edges = transitions(of: set).map { range, targets in
                CharacterMachine.Edge(first: range.lowerBound, last: range.upperBound, target: number(closure(targets)))
            }
            states.append(.init(edges: Self.merged(edges), isAccepting: isAccepting))
            guard states.count <= CharacterMachine.limit else {
                throw .tooLarge("it needs more than \(CharacterMachine.limit) states")
            }
        }
        return CharacterMachine(states: states).trimmed()
    }

    private func closure(_ nodes: [Int], isStart: Bool = false, isEnd: Bool = false) -> [Int] {
        var seen = Set(nodes), work = nodes
        while let node = work.popLast() {
            for (step, target) in edges[node] {
                let isOpen =
                    switch step {
                    case .free: true
                    case .atStart: isStart
                    case .atEnd: isEnd
                    case .range: false
                    }
                if isOpen, seen.insert(target).inserted { work.append(target) }
            }
        }
        return seen.sorted()
    }

    /// Where the nodes lead, for each range of characters that lead to the same.
    private func transitions(of set: [Int]) -> [(ClosedRange<UInt32>, [Int])] {
        var steps: [(range: ClosedRange<UInt32>, target: Int)] = []
        for node in set {
            for (step, target) in edges[node] {
                if case .range(let range) = step { steps.append((range, target)) }
            }
        }
        guard !steps.isEmpty else { return [] }
        let cuts = Set(steps.flatMap { [$0.range.lowerBound, $0.range.upperBound + 1] }).sorted()
        return zip(cuts, cuts.dropFirst()).compactMap { first, next in
            let targets = steps.filter { $0.range.contains(first) }.map(\.target)
            return targets.isEmpty ? nil : (first...(next - 1), Set(targets).sorted())
        }
    }

    private static func merged(_ edges: [CharacterMachine.Edge]) -> [CharacterMachine.Edge] {
        edges.reduce(into: []) { merged, edge in
            if let last = merged.last, last.target == edge.target, last.last + 1 == edge.first {
                merged[merged.count - 1].last = edge.last
            } else {
                merged.append(edge)
            }
        }
    }
}
