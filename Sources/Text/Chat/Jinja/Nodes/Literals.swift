/// A string, a number, a boolean or none.
struct Literal: Expression {
    let json: JSON

    func value(_ scope: inout Scope) throws -> Value { Value(json) }
}

struct ListLiteral: Expression {
    let elements: [any Expression]
    let isTuple: Bool

    func value(_ scope: inout Scope) throws -> Value {
        var items: [Value] = []
        items.reserveCapacity(elements.count)
        for element in elements { items.append(try element.value(&scope)) }
        return .list(try List(items, isTuple: isTuple))
    }
}

struct MappingLiteral: Expression {
    let entries: [(key: any Expression, value: any Expression)]

    func value(_ scope: inout Scope) throws -> Value {
        try scope.budget.spend(steps: entries.count * entries.count / 4)
        var pairs: [(Value, Value)] = []
        for entry in entries { pairs.append((try entry.key.value(&scope), try entry.value.value(&scope))) }
        return .mapping(try Mapping(pairs))
    }
}
