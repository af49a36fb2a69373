/// The ways in which a text so far can be read: for each the rules that it is inside of.
///
/// A node is a state and the node to return to; all of a text's nodes lie in one table, equal ones once, so ways share what they
/// have in common (Tomita 1987). A set of nodes is closed: where a rule may end, its caller's node is there as well.
struct Stacks {
    /// Of more ways than these only the first are followed from token to token: all that can come of them is of the grammar.
    static let mostWays = 512
    /// Within a token no more than these are.
    private static let mostAtOnce = 1 << 16
    static let bottom: Int32 = -1

    let program: Program
    /// Whether the rule at the bottom, if it is a repetition, forgets its limits; see ``Walk``.
    var isOpen = false
    private(set) var states: [Int32] = [], counts: [Int32] = [], parents: [Int32] = []
    private var numbers: [SIMD4<Int32>: Int32] = [:]
    private var marks: [Int32] = [], generation: Int32 = 0
    /// Whether a text was given up because there were too many ways to read it.
    private(set) var isLost = false

    init(_ program: Program) { self.program = program }

    mutating func node(_ state: Int32, _ count: Int32, _ parent: Int32) -> Int32 {
        let key = SIMD4(state, count, parent, 0)
        if let number = numbers[key] { return number }
        let number = Int32(states.count)
        numbers[key] = number
        states.append(state)
        counts.append(count)
        parents.append(parent)
        marks.append(0)
        return number
    }

    /// How often the repetition at the bottom of a node's stack has begun.
    func baseCount(_ node: Int32) -> Int32 {
        var node = node
        while parents[Int(node)] != Self.bottom { node = parents[Int(node)] }
        return counts[Int(node)]
    }

    /// Reads a byte: appends the nodes that follow `set`; returns whether the whole may end after it.
    mutating func step(_ set: ArraySlice<Int32>, _ byte: UInt8, into next: inout [Int32]) -> Bool {
        generation += 1
        var ends = false
        for node in set {
            let index = Int(node)
            expand(states[index], counts[index], parents[index], byte, &next, &ends)
        }
        if next.count > Self.mostAtOnce {
            isLost = true
            next.removeAll()
            return false
        }
        return ends
    }

    private mutating func expand(
        _ state: Int32,
        _ count: Int32,
        _ parent: Int32,
        _ byte: UInt8,
        _ next: inout [Int32],
        _ ends: inout Bool
    ) {
        let here = program.states[Int(state)]
        if here.count >= 0 {
            let limits = program.counts[Int(here.count)], isLimited = !(isOpen && parent == Self.bottom)
            let isLast = isLimited && count + 1 >= limits.most
            let back = isLast ? parent : node(state, count + 1, parent)
            return expand(program.starts[Int(limits.rule)], 0, back, byte, &next, &ends)
        }
        let target = program.target(here, byte)
        if target >= 0 { land(target, 0, parent, &next, &ends) }
        for index in here.calls {
            let call = program.calls[Int(index)]
            let back = program.states[Int(call.target)].isFinal ? parent : node(call.target, 0, parent)
            expand(program.starts[Int(call.rule)], 0, back, byte, &next, &ends)
        }
    }

    /// Comes to a state, and returns from rules as far as they may end there.
    private mutating func land(
        _ state: Int32,
        _ count: Int32,
        _ parent: Int32,
        _ next: inout [Int32],
        _ ends: inout Bool
    ) {
        var (state, count, parent) = (state, count, parent)
        while true {
            let here = program.states[Int(state)]
            var (returns, stays) = (here.isAccepting, !here.isFinal)
            if here.count >= 0 {
                let limits = program.counts[Int(here.count)], isLimited = !(isOpen && parent == Self.bottom)
                returns = !isLimited || count >= limits.least
                stays = !isLimited || count < limits.most
            }
            if stays {
                let node = node(state, count, parent)
                guard marks[Int(node)] != generation else { return }
                marks[Int(node)] = generation
                next.append(node)
            }
            guard returns else { return }
            guard parent != Self.bottom else { return ends = true }
            let index = Int(parent)
            (state, count, parent) = (states[index], counts[index], parents[index])
        }
    }

    /// What landing on a node of a stack brings: whether it stays there, and whether it returns to the next.
    func arrival(_ state: Int32, _ count: Int32) -> (stays: Bool, returns: Bool) {
        let here = program.states[Int(state)]
        guard here.count >= 0 else { return (!here.isFinal, here.isAccepting) }
        let limits = program.counts[Int(here.count)]
        return (count < limits.most, count >= limits.least)
    }
}
