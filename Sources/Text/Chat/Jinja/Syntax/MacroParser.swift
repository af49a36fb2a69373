extension Parser {
    mutating func macro() throws -> any Statement {
        let name = try expectName("the macro's name")
        let place = names.declare(name)
        return Macro(place: place, macro: try macroBody(name: name, end: "endmacro"))
    }

    mutating func callBlock() throws -> (any Statement, weight: Int) {
        let start = position
        if isAt(.openParenthesis) { try skipParameters() }
        guard let call = try expression() as? Call else { throw unexpected("a call") }
        try expect(.blockEnd)
        let bodyStart = position
        let weight = position - start
        jump(to: start)  // the parameters stand before the call, but belong to the block's own scope
        let macro = try macroBody(name: "caller", end: "endcall", bodyStart: bodyStart)
        return (CallBlock(call: call, macro: macro), weight)
    }

    private mutating func skipParameters() throws {
        var open = 0
        repeat {
            if isAt(.openParenthesis) { open += 1 }
            if isAt(.closeParenthesis) { open -= 1 }
            guard current != .end else { throw unexpected("')'") }
            advance()
        } while open > 0
    }

    /// Parameters, if any, and the statements up to the tag of that name.
    private mutating func macroBody(name: String, end: String, bodyStart: Int? = nil) throws -> MacroBody {
        let outer = (deepest, loops)
        (deepest, loops) = (depth, 0)
        names.open(offering: ["caller", "varargs", "kwargs"])
        let parameters = isAt(.openParenthesis) ? try parameters() : []
        if let bodyStart { jump(to: bodyStart) } else { try expect(.blockEnd) }
        let body = try body(until: end)
        let levels = deepest - depth + 1
        (deepest, loops) = (max(outer.0, deepest), outer.1)
        let (caller, varargs, kwargs) = (names.taken("caller"), names.taken("varargs"), names.taken("kwargs"))
        return MacroBody(
            name: name,
            parameters: parameters,
            caller: caller,
            varargs: varargs,
            kwargs: kwargs,
            body: body,
            locals: names.close(),
            depth: levels
        )
    }

    private mutating func parameters() throws -> [MacroBody.Parameter] {
        try expect(.openParenthesis)
        var parameters: [MacroBody.Parameter] = []
        while !skip(.closeParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            let name = try expectName("a parameter")
            let place = names.declare(name, isCertain: true)
            let standard = skip(.assign) ? try expression() : nil
            parameters.append(.init(name: name, place: place, standard: standard))
        }
        return parameters
    }
}
