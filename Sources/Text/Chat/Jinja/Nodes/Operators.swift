/// `a + b + c`: sums of numbers, or texts and lists put together.
struct Sum: Expression {
    let first: any Expression
    let rest: [any Expression]

    func value(_ scope: inout Scope) throws -> Value {
        var sum = try first.value(&scope)
        guard case .string(var text) = sum else {
            for term in rest { sum = try sum.adding(try term.value(&scope), &scope) }
            return sum
        }
        for term in rest { text += try addend(try term.value(&scope)) }
        try scope.budget.spend(bytes: text.utf8.count)
        return .string(text)
    }

    /// Texts go to the output one by one and are never put together.
    func write(_ scope: inout Scope) throws {
        let start = try first.value(&scope)
        guard case .string(let text) = start else {
            var sum = start
            for term in rest { sum = try sum.adding(try term.value(&scope), &scope) }
            return try scope.write(sum)
        }
        try scope.write(text)
        for term in rest { try scope.write(try addend(try term.value(&scope))) }
    }

    private func addend(_ value: Value) throws -> String {
        guard case .string(let text) = value else {
            throw value.missing ?? .evaluation("cannot add a \(value.kind.rawValue) to a str; '~' would join them")
        }
        return text
    }
}

/// `a ~ b ~ c`: the texts of all, whatever they are.
struct Concatenation: Expression {
    let parts: [any Expression]

    func value(_ scope: inout Scope) throws -> Value {
        var text = ""
        for part in parts {
            text += try part.value(&scope).text(&scope.budget)
        }
        try scope.budget.spend(bytes: text.utf8.count)
        return .string(text)
    }

    func write(_ scope: inout Scope) throws {
        for part in parts { try part.write(&scope) }
    }
}

struct Arithmetic: Expression {
    enum Operator: Sendable { case subtract, multiply, divide, floorDivide, modulo, power }

    let `operator`: Operator
    let left, right: any Expression

    func value(_ scope: inout Scope) throws -> Value {
        let a = try left.value(&scope)
        let b = try right.value(&scope)
        return try a.combined(`operator`, b, &scope)
    }
}

/// `-x` and `+x`.
struct Sign: Expression {
    let isNegative: Bool
    let operand: any Expression

    func value(_ scope: inout Scope) throws -> Value {
        let value = try operand.value(&scope)
        switch value {
        case .float(let number): return .float(isNegative ? -number : number)
        default:
            guard let number = value.integer else {
                throw value.missing ?? .evaluation("a \(value.kind.rawValue) has no sign")
            }
            guard isNegative else { return .integer(number) }
            guard number != .min else { throw Value.overflow }
            return .integer(-number)
        }
    }
}

struct Not: Expression {
    let operand: any Expression

    func value(_ scope: inout Scope) throws -> Value { .bool(!(try operand.value(&scope).isTrue)) }
}

/// `a and b`: the first that is false, or the last.
struct And: Expression {
    let left, right: any Expression

    func value(_ scope: inout Scope) throws -> Value {
        let value = try left.value(&scope)
        return value.isTrue ? try right.value(&scope) : value
    }
}

/// `a or b`: the first that is true, or the last.
struct Or: Expression {
    let left, right: any Expression

    func value(_ scope: inout Scope) throws -> Value {
        let value = try left.value(&scope)
        return value.isTrue ? value : try right.value(&scope)
    }
}

/// `a < b <= c`: every neighbouring pair must hold.
struct Comparison: Expression {
    enum Operator: Sendable { case equal, notEqual, less, lessEqual, greater, greaterEqual, isIn, isNotIn }

    let first: any Expression
    let rest: [(Operator, any Expression)]

    func value(_ scope: inout Scope) throws -> Value {
        var left = try first.value(&scope)
        for (comparison, expression) in rest {
            let right = try expression.value(&scope)
            guard try comparison.holds(left, right, &scope.budget) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }
}

extension Comparison.Operator {
    func holds(_ a: Value, _ b: Value, _ budget: inout Budget) throws -> Bool {
        switch self {
        case .equal: try a.isEqual(to: b, &budget)
        case .notEqual: try !a.isEqual(to: b, &budget)
        case .less: try a.isLess(than: b, &budget)
        case .greater: try b.isLess(than: a, &budget)
        case .lessEqual: try a.isLess(than: b, &budget) || a.isEqual(to: b, &budget)
        case .greaterEqual: try b.isLess(than: a, &budget) || a.isEqual(to: b, &budget)
        case .isIn: try b.contains(a, &budget)
        case .isNotIn: try !b.contains(a, &budget)
        }
    }
}

/// `a if condition else b`; without `else`, undefined.
struct Conditional: Expression {
    let condition, then: any Expression
    let otherwise: (any Expression)?

    func value(_ scope: inout Scope) throws -> Value {
        if try condition.value(&scope).isTrue { return try then.value(&scope) }
        return try otherwise?.value(&scope) ?? .undefined(name: "the else branch", of: nil)
    }

    func write(_ scope: inout Scope) throws {
        if try condition.value(&scope).isTrue { return try then.write(&scope) }
        try otherwise?.write(&scope)
    }
}
