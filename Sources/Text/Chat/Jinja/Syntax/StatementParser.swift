extension Parser {
    mutating func conditional() throws -> (any Statement, weight: Int) {
        var branches: [(any Expression, Block)] = []
        var weight = 0
        while true {
            let start = position
            let condition = try tuple(allowsConditional: false)
            try expect(.blockEnd)
            weight += position - start
            branches.append((condition, try nested { try $0.block(until: ["elif", "else", "endif"]) }))
            if !skip("elif") { break }
        }
        let otherwise: Block
        if skip("else") {
            try expect(.blockEnd)
            otherwise = try body(until: "endif")
        } else {
            try expect(.name("endif"))
            try expect(.blockEnd)
            otherwise = Block()
        }
        return (If(branches: branches, otherwise: otherwise), weight)
    }

    mutating func loop() throws -> (any Statement, weight: Int) {
        let start = position
        let targets = try targetNames()
        guard skip("in") else { throw unexpected("'in'") }
        let iterable = try tuple(allowsConditional: false)
        let outerDeepest = deepest
        (deepest, loops) = (depth, loops + 1)
        names.open(offering: ["loop"])
        let target = declare(targets)
        let condition = skip("if") ? try expression() : nil
        let isRecursive = skip("recursive")
        try expect(.blockEnd)
        let weight = position - start
        let body = try nested { try $0.block(until: ["else", "endfor"]) }
        loops -= 1
        let otherwise = skip("else") ? try loopElse() : Block()
        try expect(.name("endfor"))
        try expect(.blockEnd)
        let loopPlace = names.taken("loop")
        let levels = deepest - depth
        deepest = max(outerDeepest, deepest)
        let statement = For(
            target: target,
            iterable: iterable,
            condition: condition,
            body: body,
            otherwise: otherwise,
            loopPlace: loopPlace,
            isRecursive: isRecursive,
            locals: names.close(),
            depth: levels
        )
        return (statement, weight)
    }

    private mutating func loopElse() throws -> Block {
        try expect(.blockEnd)
        return try nested { try $0.block(until: ["endfor"]) }
    }

    private mutating func targetNames() throws -> TargetNames {
        var parts: [TargetNames] = []
        var isTuple = false
        repeat {
            if isAt("in") || isAt(.closeParenthesis) || isAt(.assign) { break }
            parts.append(try nested { try $0.targetName() })
            if isAt(.comma) { isTuple = true }
        } while skip(.comma)
        guard let first = parts.first else { throw unexpected("a name") }
        return isTuple ? .tuple(parts) : first
    }

    private mutating func targetName() throws -> TargetNames {
        if skip(.openParenthesis) {
            let inner = try targetNames()
            try expect(.closeParenthesis)
            return inner
        }
        return .name(try expectName("a name"))
    }

    private mutating func declare(_ targets: TargetNames) -> Target {
        switch targets {
        case .name(let name): .place(names.declare(name, isCertain: true))
        case .tuple(let parts): .tuple(parts.map { declare($0) })
        }
    }

    mutating func assignment() throws -> (any Statement, weight: Int) {
        let start = position
        if case .name(let object) = current, next == .symbol(.dot) {
            advance()
            advance()
            let target = Target.member(of: names.variable(object), name: try expectName("a member"))
            guard isAt(.assign) else { return (try blockAssignment(target), 4) }
            return (try assignment(to: target), position - start)
        }
        let targets = try targetNames()
        guard isAt(.assign) else {
            guard case .name(let name) = targets else { throw unexpected("'='") }
            return (try blockAssignment { $0.store(in: name) }, 4)
        }
        advance()
        let expression = try tuple()
        try expect(.blockEnd)
        let target = store(in: targets)
        return (Assignment(target: target, expression: expression), position - start)
    }

    private mutating func assignment(to target: Target) throws -> any Statement {
        advance()
        let expression = try tuple()
        try expect(.blockEnd)
        return Assignment(target: target, expression: expression)
    }

    private mutating func store(in targets: TargetNames) -> Target {
        switch targets {
        case .name(let name): .place(names.declare(name))
        case .tuple(let parts): .tuple(parts.map { store(in: $0) })
        }
    }

    private mutating func store(in name: String) -> Target { .place(names.declare(name)) }

    private mutating func blockAssignment(_ target: Target) throws -> any Statement {
        try blockAssignment { _ in target }
    }

    private mutating func blockAssignment(_ target: (inout Self) -> Target) throws -> any Statement {
        names.open()
        let filtered = isAt(.pipe) ? try filtered() : nil
        try expect(.blockEnd)
        let body = try body(until: "endset")
        let locals = names.close()
        return BlockAssignment(target: target(&self), body: body, locals: locals, filtered: filtered)
    }

    /// The filters at the position, reading from a local variable that no template can name.
    private mutating func filtered() throws -> Filtered {
        let place = names.declare("|", isCertain: true)
        return Filtered(place: place, expression: try filters(of: Variable(name: "|", place: place)))
    }

    mutating func filterBlock() throws -> any Statement {
        names.open()
        let place = names.declare("|", isCertain: true)
        let first = try filter(of: Variable(name: "|", place: place))
        let filtered = Filtered(place: place, expression: try filters(of: first))
        try expect(.blockEnd)
        let body = try body(until: "endfilter")
        return FilterBlock(filtered: filtered, body: body, locals: names.close())
    }

    mutating func with() throws -> any Statement {
        names.open()
        var values: [(String, any Expression)] = []
        while current != .blockEnd {
            if !values.isEmpty { try expect(.comma) }
            let name = try expectName("a name")
            try expect(.assign)
            values.append((name, try expression()))
        }
        advance()
        let assignments = values.map { name, expression in
            Assignment(target: .place(names.declare(name, isCertain: true)), expression: expression)
        }
        let body = try body(until: "endwith")
        return Inner(assignments: assignments, body: body, locals: names.close())
    }

    mutating func generation() throws -> any Statement {
        try expect(.blockEnd)
        names.open()
        let body = try body(until: "endgeneration")
        return Inner(assignments: [], body: body, locals: names.close())
    }
}

/// Names to assign to, before they have a place.
private indirect enum TargetNames {
    case name(String)
    case tuple([TargetNames])
}
