/// Turns a grammar into a program.
///
/// Each rule becomes a network and that a deterministic automaton; what cannot come to an end is cut off.
struct Compiler {
    /// The most states of all rules together.
    static let mostStates = 200_000
    static let mostRules = 50_000
    /// What is repeated by number is written out if that makes at most so many places, else counted as it runs.
    private static let writtenOut = 48

    private var grammar: Grammar
    private var nullable: [Bool] = []
    private var counts: [Int: Program.Count] = [:]
    private var machines: [RuleMachine?] = []

    static func compile(_ grammar: Grammar) throws(GrammarError) -> Program {
        var compiler = Compiler(grammar: grammar)
        return try compiler.program()
    }

    private init(grammar: Grammar) { self.grammar = grammar }

    private mutating func program() throws(GrammarError) -> Program {
        for rule in grammar.rules.indices { grammar[rule] = countedApart(grammar[rule], grammar.names[rule]) }
        guard grammar.rules.count <= Self.mostRules else {
            throw .tooLarge("it has more than \(Self.mostRules) rules", place: "the grammar as a whole")
        }
        findNullable()
        var room = Self.mostStates
        for rule in grammar.rules.indices {
            let own = try GrammarError.naming(place(of: rule)) { () throws(GrammarError) -> RuleMachine? in
                counts[rule] == nil ? try machine(grammar[rule], room: room) : nil
            }
            room -= own?.states.count ?? 1
            machines.append(own)
        }
        try prune()
        var program = assembled()
        program.acceptsEmpty = nullable[grammar.root]
        try checkLeftRecursion(program)
        return program
    }

    /// A rule that a schema became has the schema's path as its name.
    private func place(of rule: Int) -> String {
        let name = grammar.names[rule]
        return name.hasPrefix("#") ? "the schema at \(name)" : "the rule '\(name)'"
    }
}

// MARK: Counting, and what may be empty

extension Compiler {
    /// Gives long repetitions rules of their own, which have the name of the one that they are from.
    private mutating func countedApart(_ expression: Expression, _ name: String) -> Expression {
        switch expression {
        case .sequence(let parts): return .sequence(parts.map { countedApart($0, name) })
        case .choice(let parts): return .choice(parts.map { countedApart($0, name) })
        case .list(let parts, let separator, let canBeEmpty):
            let apart = parts.map { Expression.Part(countedApart($0.expression, name), isRequired: $0.isRequired) }
            return .list(apart, separator: countedApart(separator, name), canBeEmpty: canBeEmpty)
        case .repeated(let part, let least, let most):
            let part = countedApart(part, name), times = most ?? least
            guard times > 1, times * size(part) > Self.writtenOut else {
                return .repeated(part, least: least, most: most)
            }
            let body = grammar.add(name, part)
            let counted = grammar.add(name, .repeated(.rule(body), least: least, most: times))
            counts[counted] = .init(rule: Int32(body), least: Int32(clamping: least), most: Int32(clamping: times))
            let rest = most == nil ? [Expression.repeated(.rule(body), least: 0, most: nil)] : []
            return .sequence([.rule(counted)] + rest)
        default: return expression
        }
    }

    private func size(_ expression: Expression) -> Int {
        switch expression {
        case .never: 0
        case .bytes(let bytes): bytes.count
        case .range, .rule: 1
        case .sequence(let parts), .choice(let parts): parts.reduce(1) { $0 + size($1) }
        case .repeated(let part, let least, let most): max(1, most ?? least) * size(part)
        case .list(let parts, let separator, _):
            parts.reduce(0) { $0 + size($1.expression) } + parts.count * size(separator)
        case .text(let machine, _): machine.states.count
        }
    }

    private mutating func findNullable() {
        nullable = grammar.rules.map { _ in false }
        var isChanging = true
        while isChanging {
            isChanging = false
            for rule in grammar.rules.indices.reversed() where !nullable[rule] && canBeEmpty(grammar[rule]) {
                nullable[rule] = true
                isChanging = true
            }
        }
        for (rule, count) in counts {
            let isFree = nullable[Int(count.rule)]
            counts[rule]?.least = isFree ? 1 : max(1, count.least)
        }
    }

    private func canBeEmpty(_ expression: Expression) -> Bool {
        switch expression {
        case .never, .range: false
        case .bytes(let bytes): bytes.isEmpty
        case .sequence(let parts): parts.allSatisfy(canBeEmpty)
        case .choice(let parts): parts.contains(where: canBeEmpty)
        case .repeated(let part, let least, _): least == 0 || canBeEmpty(part)
        case .list(let parts, _, let canBeEmpty): canBeEmpty && parts.allSatisfy { !$0.isRequired }
        case .rule(let rule): nullable[rule]
        case .text(let machine, _): machine.acceptsEmpty
        }
    }
}

// MARK: Networks

extension Compiler {
    private func machine(_ expression: Expression, room: Int) throws(GrammarError) -> RuleMachine {
        var network = Network()
        let start = try network.node(), body = try network.node()
        network.connect(start, body)
        let end = try add(expression, to: &network, from: body)
        return try RuleMachine(network, from: start, to: end, room: room)
    }

    /// Returns where the expression ends.
    private func add(
        _ expression: Expression,
        to network: inout Network,
        from start: Int
    ) throws(GrammarError) -> Int {
        switch expression {
        case .never: return try network.node()
        case .bytes(let bytes): return try network.connect(start, bytes)
        case .text(let machine, let spelling): return try network.connect(start, machine, spelling)
        case .range(let range):
            let end = try network.node()
            network.connect(start, end, .range(range))
            return end
        case .rule(let rule):
            let end = try network.node()
            network.connect(start, end, .call(rule))
            if nullable[rule] { network.connect(start, end) }
            return end
        case .sequence(let parts):
            var end = start
            for part in parts { end = try add(part, to: &network, from: end) }
            return end
        case .choice(let parts):
            let end = try network.node()
            for part in parts {
                let first = try network.node()
                network.connect(start, first)
                network.connect(try add(part, to: &network, from: first), end)
            }
            return end
        case .repeated(let part, let least, let most):
            return try add(part, least, most, to: &network, from: start)
        case .list(let parts, let separator, let canBeEmpty):
            return try add(parts, separator, canBeEmpty, to: &network, from: start)
        }
    }

    /// Two rows of nodes: before the first part that is written, and behind one.
    private func add(
        _ parts: [Expression.Part],
        _ separator: Expression,
        _ canBeEmpty: Bool,
        to network: inout Network,
        from start: Int
    ) throws(GrammarError) -> Int {
        var before = start, behind = try network.node()
        for part in parts {
            let first = try network.node(), nextBefore = try network.node(), nextBehind = try network.node()
            network.connect(before, first)
            network.connect(try add(separator, to: &network, from: behind), first)
            network.connect(try add(part.expression, to: &network, from: first), nextBehind)
            if !part.isRequired {
                network.connect(before, nextBefore)
                network.connect(behind, nextBehind)
            }
            (before, behind) = (nextBefore, nextBehind)
        }
        if canBeEmpty { network.connect(before, behind) }
        return behind
    }

    private func add(
        _ part: Expression,
        _ least: Int,
        _ most: Int?,
        to network: inout Network,
        from start: Int
    ) throws(GrammarError) -> Int {
        var end = start
        for _ in 0..<least { end = try add(part, to: &network, from: end) }
        let exit = try network.node()
        guard let most else {
            network.connect(end, exit)
            network.connect(try add(part, to: &network, from: exit), exit)
            return exit
        }
        network.connect(end, exit)
        for _ in 0..<max(0, most - least) {
            end = try add(part, to: &network, from: end)
            network.connect(end, exit)
        }
        return exit
    }
}

// MARK: The whole

extension Compiler {
    /// Finds which rules can come to an end, and cuts off what cannot.
    private mutating func prune() throws(GrammarError) {
        var productive = grammar.rules.map { _ in false }
        var isChanging = true
        while isChanging {
            isChanging = false
            for rule in productive.indices.reversed() where !productive[rule] {
                let ends = machines[rule]?.live { productive[Int($0)] }[0] ?? productive[Int(counts[rule]!.rule)]
                guard ends else { continue }
                productive[rule] = true
                isChanging = true
            }
        }
        guard productive[grammar.root] || nullable[grammar.root] else { throw .nothingMatches(path: "") }
        for rule in machines.indices { machines[rule]?.prune { productive[Int($0)] } }
    }

    private func assembled() -> Program {
        var program = Program(), start: Int32 = 0
        for machine in machines {
            program.starts.append(start)
            start += Int32(machine?.states.count ?? 1)
        }
        for (rule, machine) in machines.enumerated() {
            guard let machine else {
                program.append(counts[rule]!, rule: rule)
                program.signatures.append(nil)
                continue
            }
            let first = program.starts[rule]
            for state in machine.states {
                let edges = state.edges.map { Program.Edge(first: $0.first, last: $0.last, target: $0.target + first) }
                let calls = state.calls.map { Program.Call(rule: $0.rule, target: $0.target + first) }
                program.append(edges, calls, isAccepting: state.isAccepting, rule: rule)
            }
            program.signatures.append(machine.signature)
        }
        program.root = grammar.root
        return program
    }

    private func checkLeftRecursion(_ program: Program) throws(GrammarError) {
        var marks = [UInt8](repeating: 0, count: machines.count)  // 1: being looked at, 2: done
        func firstCalls(_ rule: Int) -> [Int32] {
            let state = program.states[Int(program.starts[rule])]
            if state.count >= 0 { return [program.counts[Int(state.count)].rule] }
            return state.calls.map { program.calls[Int($0)].rule }
        }
        for rule in marks.indices where marks[rule] == 0 {
            var work = [(rule, firstCalls(rule)[...])]
            marks[rule] = 1
            while let (rule, _) = work.last {
                guard let next = work[work.count - 1].1.popFirst().map(Int.init) else {
                    marks[rule] = 2
                    work.removeLast()
                    continue
                }
                guard marks[next] != 1 else { throw .leftRecursion(grammar.names[next]) }
                guard marks[next] == 0 else { continue }
                marks[next] = 1
                work.append((next, firstCalls(next)[...]))
            }
        }
    }
}

extension RuleMachine {
    /// What makes it equal to another that matches the same in the same way; nil if it calls rules or is long.
    fileprivate var signature: [UInt8]? {
        guard states.count <= 256, states.allSatisfy(\.calls.isEmpty) else { return nil }
        var bytes: [UInt8] = []
        for state in states {
            bytes.append(state.isAccepting ? 1 : 0)
            for edge in state.edges { bytes += [2, edge.first, edge.last, UInt8(edge.target)] }
        }
        return bytes
    }
}
