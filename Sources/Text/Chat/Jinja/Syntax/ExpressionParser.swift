/// Expressions, loosest binding first.
extension Parser {
    mutating func expression(allowsConditional: Bool = true) throws -> any Expression {
        try nested { parser in allowsConditional ? try parser.conditionalExpression() : try parser.or() }
    }

    /// One expression, or several with commas between: a tuple.
    mutating func tuple(allowsConditional: Bool = true) throws -> any Expression {
        let first = try expression(allowsConditional: allowsConditional)
        guard isAt(.comma) else { return first }
        var elements = [first]
        while skip(.comma), !isAtEndOfTuple { elements.append(try expression(allowsConditional: allowsConditional)) }
        return ListLiteral(elements: elements, isTuple: true)
    }

    private var isAtEndOfTuple: Bool {
        switch current {
        case .variableEnd, .blockEnd, .symbol(.closeParenthesis), .end: true
        default: false
        }
    }

    private mutating func conditionalExpression() throws -> any Expression {
        var then = try or()
        while skip("if") {
            let condition = try or()
            let otherwise = skip("else") ? try expression() : nil
            then = Conditional(condition: condition, then: then, otherwise: otherwise)
            try deepen()
        }
        return then
    }

    private mutating func or() throws -> any Expression {
        var left = try and()
        while skip("or") {
            left = Or(left: left, right: try and())
            try deepen()
        }
        return left
    }

    private mutating func and() throws -> any Expression {
        var left = try not()
        while skip("and") {
            left = And(left: left, right: try not())
            try deepen()
        }
        return left
    }

    private mutating func not() throws -> any Expression {
        guard skip("not") else { return try comparison() }
        return Not(operand: try nested { try $0.not() })
    }

    private mutating func comparison() throws -> any Expression {
        let first = try sum()
        var rest: [(Comparison.Operator, any Expression)] = []
        while let comparison = comparisonOperator() { rest.append((comparison, try sum())) }
        return rest.isEmpty ? first : Comparison(first: first, rest: rest)
    }

    private mutating func comparisonOperator() -> Comparison.Operator? {
        let comparison: Comparison.Operator
        switch current {
        case .symbol(.equal): comparison = .equal
        case .symbol(.notEqual): comparison = .notEqual
        case .symbol(.less): comparison = .less
        case .symbol(.lessEqual): comparison = .lessEqual
        case .symbol(.greater): comparison = .greater
        case .symbol(.greaterEqual): comparison = .greaterEqual
        case .name("in"): comparison = .isIn
        case .name("not") where next == .name("in"):
            advance()
            comparison = .isNotIn
        default: return nil
        }
        advance()
        return comparison
    }

    /// Sums and differences, from left to right; neighbouring additions become one node.
    private mutating func sum() throws -> any Expression {
        var left = try concatenation()
        var terms: [any Expression] = []
        while isAt(.plus) || isAt(.minus) {
            let isPlus = isAt(.plus)
            advance()
            let right = try concatenation()
            if isPlus {
                terms.append(right)
            } else {
                left = Arithmetic(operator: .subtract, left: joined(left, &terms), right: right)
                try deepen()
            }
        }
        return joined(left, &terms)
    }

    private func joined(_ first: any Expression, _ terms: inout [any Expression]) -> any Expression {
        defer { terms = [] }
        return terms.isEmpty ? first : Sum(first: first, rest: terms)
    }

    private mutating func concatenation() throws -> any Expression {
        let first = try product()
        var parts = [first]
        while skip(.tilde) { parts.append(try product()) }
        return parts.count == 1 ? first : Concatenation(parts: parts)
    }

    private mutating func product() throws -> any Expression {
        var left = try power()
        while let factor = productOperator() {
            advance()
            left = Arithmetic(operator: factor, left: left, right: try power())
            try deepen()
        }
        return left
    }

    private func productOperator() -> Arithmetic.Operator? {
        switch current {
        case .symbol(.times): .multiply
        case .symbol(.divide): .divide
        case .symbol(.floorDivide): .floorDivide
        case .symbol(.modulo): .modulo
        default: nil
        }
    }

    private mutating func power() throws -> any Expression {
        var left = try unary()
        while skip(.power) {
            left = Arithmetic(operator: .power, left: left, right: try unary())
            try deepen()
        }
        return left
    }

    private mutating func unary(allowsFilters: Bool = true) throws -> any Expression {
        var operand: any Expression
        if isAt(.minus) || isAt(.plus) {
            let isNegative = isAt(.minus)
            advance()
            operand = Sign(isNegative: isNegative, operand: try nested { try $0.unary(allowsFilters: false) })
        } else {
            operand = try primary()
        }
        operand = try postfix(operand)
        return allowsFilters ? try filters(of: operand) : operand
    }
}
