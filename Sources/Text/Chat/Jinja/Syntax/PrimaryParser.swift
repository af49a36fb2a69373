/// Literals, names, and what may follow them.
extension Parser {
    mutating func primary() throws -> any Expression {
        switch current {
        case .name(let name):
            advance()
            return constant(name).map { Literal(json: $0) } ?? names.variable(name)
        case .string(var text):
            advance()
            while case .string(let more) = current {
                text += more
                advance()
            }
            return Literal(json: .string(text))
        case .integer(let value):
            advance()
            return Literal(json: .integer(value))
        case .float(let value):
            advance()
            return Literal(json: .number(value))
        case .symbol(.openParenthesis): return try parentheses()
        case .symbol(.openBracket): return ListLiteral(elements: try elements(), isTuple: false)
        case .symbol(.openBrace): return try mapping()
        default: throw unexpected("an expression")
        }
    }

    private func constant(_ name: String) -> JSON? {
        switch name {
        case "true", "True": true
        case "false", "False": false
        case "none", "None": .null
        default: nil
        }
    }

    private mutating func parentheses() throws -> any Expression {
        advance()
        if skip(.closeParenthesis) { return ListLiteral(elements: [], isTuple: true) }
        let inner = try tuple()
        try expect(.closeParenthesis)
        return inner
    }

    private mutating func elements() throws -> [any Expression] {
        advance()
        var elements: [any Expression] = []
        while !skip(.closeBracket) {
            if !elements.isEmpty { try expect(.comma) }
            if skip(.closeBracket) { break }
            elements.append(try expression())
        }
        return elements
    }

    private mutating func mapping() throws -> any Expression {
        advance()
        var entries: [(any Expression, any Expression)] = []
        while !skip(.closeBrace) {
            if !entries.isEmpty { try expect(.comma) }
            if skip(.closeBrace) { break }
            let key = try expression()
            try expect(.colon)
            entries.append((key, try expression()))
        }
        return MappingLiteral(entries: entries)
    }

    mutating func postfix(_ operand: any Expression) throws -> any Expression {
        var operand = operand
        while true {
            switch current {
            case .symbol(.dot): operand = try member(of: operand)
            case .symbol(.openBracket): operand = try subscripted(operand)
            case .symbol(.openParenthesis): operand = try call(of: operand)
            default: return operand
            }
            try deepen()
        }
    }

    private mutating func member(of operand: any Expression) throws -> any Expression {
        advance()
        if case .integer(let index) = current {
            advance()
            return Subscript(object: operand, key: Literal(json: .integer(index)))
        }
        return Member(of: operand, name: try expectName("a member's name"))
    }

    private mutating func call(of operand: any Expression) throws -> any Expression {
        let name = (operand as? Member)?.name ?? (operand as? Variable)?.name ?? "it"
        return Call(callee: operand, arguments: try arguments(), name: name)
    }

    private mutating func subscripted(_ operand: any Expression) throws -> any Expression {
        advance()
        let start = isAt(.colon) ? nil : try tuple()
        if let start, skip(.closeBracket) { return Subscript(object: operand, key: start) }
        try expect(.colon)
        let stop = isAt(.colon) || isAt(.closeBracket) ? nil : try expression()
        let step = skip(.colon) && !isAt(.closeBracket) ? try expression() : nil
        try expect(.closeBracket)
        return Slicing(object: operand, start: start, stop: stop, step: step)
    }

    mutating func arguments() throws -> ArgumentList {
        try expect(.openParenthesis)
        var list = ArgumentList()
        while !skip(.closeParenthesis) {
            if !list.isEmpty { try expect(.comma) }
            if skip(.closeParenthesis) { break }
            if skip(.times) {
                guard list.spread == nil, list.namedSpread == nil else { throw failure("a second '*'") }
                list.spread = try expression()
            } else if skip(.power) {
                guard list.namedSpread == nil else { throw failure("a second '**'") }
                list.namedSpread = try expression()
            } else if case .name(let name) = current, next == .symbol(.assign) {
                advance()
                advance()
                list.named.append((name, try expression()))
            } else {
                guard list.named.isEmpty, list.spread == nil, list.namedSpread == nil else {
                    throw failure("an unnamed argument stands after a named one")
                }
                list.positional.append(try expression())
            }
        }
        return list
    }

    /// `| filter`, `is test` and calls, in any number.
    mutating func filters(of operand: any Expression) throws -> any Expression {
        var operand = operand
        while true {
            switch current {
            case .symbol(.pipe):
                advance()
                operand = try filter(of: operand)
            case .name("is"): operand = try test(of: operand)
            case .symbol(.openParenthesis): operand = try call(of: operand)
            default: return operand
            }
            try deepen()
        }
    }

    /// The filter whose name is the current token.
    mutating func filter(of operand: any Expression) throws -> any Expression {
        let name = try expectName("a filter's name")
        guard let filter = Library.filters[name] else { throw failure("there is no filter '\(name)'") }
        let arguments = isAt(.openParenthesis) ? try arguments() : ArgumentList()
        return FilterApplication(operand: operand, name: name, filter: filter, arguments: arguments)
    }

    private mutating func test(of operand: any Expression) throws -> any Expression {
        advance()
        let isNegated = skip("not")
        let name = try expectName("a test's name")
        guard let test = Library.tests[name] else { throw failure("there is no test '\(name)'") }
        let application = TestApplication(operand: operand, name: name, test: test, arguments: try testArguments())
        return isNegated ? Not(operand: application) : application
    }

    /// A test's one argument may stand without parentheses.
    private mutating func testArguments() throws -> ArgumentList {
        switch current {
        case .symbol(.openParenthesis): return try arguments()
        case .name(let name) where ["else", "or", "and", "if", "is", "in", "not", "recursive"].contains(name):
            return ArgumentList()
        case .name, .string, .integer, .float, .symbol(.openBracket), .symbol(.openBrace):
            let argument = try primary()
            return ArgumentList(positional: [try postfix(argument)])
        default: return ArgumentList()
        }
    }
}
