/// The arguments of a call, evaluated.
struct Arguments {
    var positional: [Value] = []
    var named: [(name: String, value: Value)] = []

    subscript(name: String) -> Value? { named.first { $0.name == name }?.value }

    fileprivate mutating func append(_ mapping: Value) throws {
        guard case .mapping(let mapping) = mapping else {
            throw mapping.missing ?? .evaluation("'**' needs a mapping, not a \(mapping.kind.rawValue)")
        }
        for (key, value) in zip(mapping.keys, mapping.values) {
            named.append((try key.requireString("an argument's name"), value))
        }
    }

    /// The arguments in the order of those parameters; too many, or one of another name, is an error.
    func bound(to parameters: String..., of function: String) throws -> [Value?] {
        try bound(to: parameters, of: function)
    }

    func bound(to parameters: [String], of function: String) throws -> [Value?] {
        guard positional.count <= parameters.count else {
            throw TemplateError.evaluation("'\(function)' takes at most \(parameters.count) arguments")
        }
        var bound: [Value?] = positional + Array(repeating: nil, count: parameters.count - positional.count)
        for (name, value) in named {
            guard let position = parameters.firstIndex(of: name) else {
                throw TemplateError.evaluation("'\(function)' has no argument '\(name)'")
            }
            guard bound[position] == nil else {
                throw TemplateError.evaluation("'\(function)' was given '\(name)' twice")
            }
            bound[position] = value
        }
        return bound
    }
}

/// The arguments of a call, as written.
struct ArgumentList: Sendable {
    var positional: [any Expression] = []
    var named: [(name: String, value: any Expression)] = []
    /// `*list` and `**mapping`.
    var spread, namedSpread: (any Expression)?

    var isEmpty: Bool { positional.isEmpty && named.isEmpty && spread == nil && namedSpread == nil }

    func values(_ scope: inout Scope) throws -> Arguments {
        var arguments = Arguments()
        for expression in positional { arguments.positional.append(try expression.value(&scope)) }
        for (name, expression) in named { arguments.named.append((name, try expression.value(&scope))) }
        if let spread { arguments.positional += try spread.value(&scope).items(&scope) }
        if let namedSpread { try arguments.append(try namedSpread.value(&scope)) }
        return arguments
    }
}

/// `f(…)`, or `x.f(…)`.
struct Call: Expression {
    let callee: any Expression
    let arguments: ArgumentList
    let name: String

    func value(_ scope: inout Scope) throws -> Value {
        try scope.budget.spend(steps: 4)
        if let member = callee as? Member { return try member.call(try arguments.values(&scope), &scope) }
        let function = try callee.value(&scope)
        return try function.call(try arguments.values(&scope), name: name, &scope)
    }
}

extension Value {
    func call(_ arguments: Arguments, name: String, _ scope: inout Scope) throws -> Value {
        switch self {
        case .function(let function): return try function.body(&scope, arguments)
        case .loop(let loop):
            guard arguments.positional.count == 1 else {
                throw TemplateError.evaluation("'loop' takes the list to descend into")
            }
            return try loop.descend(into: arguments.positional[0], &scope)
        default: throw missing ?? .evaluation("'\(name)' is a \(kind.rawValue) and cannot be called")
        }
    }
}

/// `x | filter(…)`.
struct FilterApplication: Expression {
    let operand: any Expression
    let name: String
    let filter: Filter
    let arguments: ArgumentList

    func value(_ scope: inout Scope) throws -> Value {
        try scope.budget.spend(steps: 4)
        let value = try operand.value(&scope)
        return try filter(&scope, value, try arguments.values(&scope))
    }
}

/// `x is test(…)`.
struct TestApplication: Expression {
    let operand: any Expression
    let name: String
    let test: Test
    let arguments: ArgumentList

    func value(_ scope: inout Scope) throws -> Value {
        let value = try operand.value(&scope)
        return .bool(try test(&scope, value, try arguments.values(&scope)))
    }
}
