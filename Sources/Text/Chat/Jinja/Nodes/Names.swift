/// Where a variable is kept.
enum Place: Sendable, Hashable {
    case global(Int)
    case local(Int)

    func store(_ value: Value, in scope: inout Scope) {
        switch self {
        case .global(let slot): scope.globals[slot] = value
        case .local(let slot): scope.locals[slot] = value
        }
    }

    func load(_ scope: inout Scope) -> Value? {
        switch self {
        case .global(let slot): scope.globals[slot]
        case .local(let slot): scope.locals[slot]
        }
    }
}

/// A variable.
struct Variable: Expression {
    let name: String
    let place: Place

    func value(_ scope: inout Scope) throws -> Value {
        place.load(&scope) ?? .undefined(name: name, of: nil)
    }
}

/// A variable that an inner block may have set, and otherwise is the outer one's.
struct ShadowingVariable: Expression {
    let name: String
    let places: [Place]

    func value(_ scope: inout Scope) throws -> Value {
        for place in places {
            if let value = place.load(&scope) { return value }
        }
        return .undefined(name: name, of: nil)
    }
}

/// What an assignment or a loop writes to.
indirect enum Target: Sendable {
    case place(Place)
    case tuple([Target])
    case member(of: any Expression, name: String)

    func store(_ value: Value, in scope: inout Scope) throws {
        switch self {
        case .place(let place): place.store(value, in: &scope)
        case .tuple(let targets):
            let items = try value.items(&scope)
            guard items.count == targets.count else {
                throw TemplateError.evaluation("cannot unpack \(items.count) values into \(targets.count) names")
            }
            for (target, item) in zip(targets, items) { try target.store(item, in: &scope) }
        case .member(let object, let name):
            guard case .namespace(let namespace) = try object.value(&scope) else {
                throw TemplateError.evaluation("only a namespace's members can be set, not '\(name)' of something else")
            }
            try scope.budget.spend(steps: namespace.members.count)
            namespace[name] = value
        }
    }
}

extension Value {
    /// The elements that a loop over this visits.
    func items(_ scope: inout Scope) throws -> [Value] {
        switch self {
        case .list(let list): return list.items
        case .mapping(let mapping): return mapping.keys
        case .string(let text):
            try scope.budget.spend(steps: text.utf8.count)
            return text.unicodeScalars.map { .string(String($0)) }
        case .undefined: return []
        default: throw TemplateError.evaluation("a \(kind.rawValue) has no elements")
        }
    }
}
