/// Builds the nodes of a template from its tokens.
struct Parser {
    private let tokens: [Token]
    private(set) var position = 0
    var names = NameTable()
    /// How deep blocks and expressions nest at the position, and how deep they did since this was last reset.
    private(set) var depth = 0
    var deepest = 0
    var loops = 0

    static let depthLimit = 120

    init(_ tokens: [Token]) { self.tokens = tokens }

    /// The whole template.
    mutating func template() throws -> Block {
        let block = try block(until: [])
        guard case .end = current else { throw unexpected("a statement") }
        return block
    }
}

/// Walking along the tokens.
extension Parser {
    var current: Token.Kind { tokens[position].kind }
    var next: Token.Kind { tokens[min(position + 1, tokens.count - 1)].kind }
    var line: Int { tokens[position].line }

    mutating func advance() { position = min(position + 1, tokens.count - 1) }

    func isAt(_ symbol: Token.Symbol) -> Bool { current == .symbol(symbol) }
    func isAt(_ name: String) -> Bool { current == .name(name) }

    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard isAt(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(_ name: String) -> Bool {
        guard isAt(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: Token.Kind) throws {
        guard current == kind else { throw unexpected("\(kind)") }
        advance()
    }

    mutating func expect(_ symbol: Token.Symbol) throws { try expect(.symbol(symbol)) }

    mutating func expectName(_ role: String) throws -> String {
        guard case .name(let name) = current else { throw unexpected(role) }
        advance()
        return name
    }

    /// Reads on at that token.
    mutating func jump(to position: Int) { self.position = position }

    func unexpected(_ expected: String) -> TemplateError { failure("expected \(expected), not \(current)") }
    func failure(_ message: String) -> TemplateError { TemplateError(.syntax, message, line: line) }

    /// Guards against source that nests so deep that reading or rendering it would exhaust the stack.
    mutating func nested<T>(_ body: (inout Self) throws -> T) throws -> T {
        let outer = depth
        defer { depth = outer }
        try deepen()
        return try body(&self)
    }

    mutating func deepen() throws {
        depth += 1
        deepest = max(deepest, depth)
        guard depth <= Self.depthLimit else { throw failure("it nests deeper than \(Self.depthLimit) levels") }
    }
}

/// Blocks.
extension Parser {
    /// The statements up to a tag of one of those names, whose name is then the current token.
    mutating func block(until ends: [String]) throws -> Block {
        var block = Block()
        while true {
            let (start, line) = (position, line)
            switch current {
            case .end:
                guard ends.isEmpty else { throw failure("the template ends before '\(ends[ends.count - 1])'") }
                return block
            case .text(let text):
                advance()
                block.steps.append(.init(line: line, weight: 1, statement: PlainText(text: text)))
            case .variableBegin:
                advance()
                let expression = try tuple()
                try expect(.variableEnd)
                let output = Output(expression: expression)
                block.steps.append(.init(line: line, weight: position - start, statement: output))
            case .blockBegin:
                advance()
                if case .name(let name) = current, ends.contains(name) { return block }
                guard let (statement, weight) = try statement() else { continue }
                block.steps.append(.init(line: line, weight: weight, statement: statement))
            default: throw unexpected("text or a tag")
            }
        }
    }

    /// The statements up to the tag of that name, and the tag.
    mutating func body(until end: String) throws -> Block {
        let body = try nested { try $0.block(until: [end]) }
        advance()
        try expect(.blockEnd)
        return body
    }

    /// The statement whose name is the current token, and how many tokens its expressions have.
    private mutating func statement() throws -> (any Statement, weight: Int)? {
        let start = position
        let name = try expectName("the name of a statement")
        switch name {
        case "if": return try conditional()
        case "for": return try loop()
        case "set": return try assignment()
        case "macro": return (try macro(), 1)
        case "call": return try callBlock()
        case "filter": return (try filterBlock(), 4)
        case "with": return (try with(), position - start)
        case "generation": return (try generation(), 1)
        case "break", "continue":
            guard loops > 0 else { throw failure("'\(name)' stands outside of a loop") }
            try expect(.blockEnd)
            return (Jump(flow: name == "break" ? .breakLoop : .continueLoop), 1)
        case "include", "import", "from", "extends", "block":
            throw failure("'\(name)' is not supported: a chat template is one file")
        default: throw failure("there is no statement '\(name)' here")
        }
    }
}
