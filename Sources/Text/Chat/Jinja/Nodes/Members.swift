/// `x.name`.
struct Member: Expression {
    let object: any Expression
    let name: String
    private let method: Method?
    private let loopMember: Loop.Member?

    init(of object: any Expression, name: String) {
        self.object = object
        self.name = name
        method = Method(rawValue: name)
        loopMember = Loop.Member(rawValue: name)
    }

    func value(_ scope: inout Scope) throws -> Value {
        let owner = try object.value(&scope)
        switch owner {
        case .mapping(let mapping):
            if let method, method.appliesToMappings { return owner.bound(method) }
            return mapping[name] ?? .undefined(name: name, of: .mapping)
        case .namespace(let namespace): return namespace[name] ?? .undefined(name: name, of: .namespace)
        case .loop(let loop): return loopMember.map { loop[$0] } ?? .undefined(name: name, of: .loop)
        case .undefined: throw owner.missing ?? .evaluation("'\(name)' of nothing")
        default:
            if let method, method.applies(to: owner) { return owner.bound(method) }
            return .undefined(name: name, of: owner.kind)
        }
    }

    /// `x.name(…)`.
    func call(_ arguments: Arguments, _ scope: inout Scope) throws -> Value {
        let owner = try object.value(&scope)
        if let method, method.applies(to: owner) { return try owner.call(method, arguments, &scope) }
        let member: Value? =
            switch owner {
            case .undefined: throw owner.missing ?? .evaluation("'\(name)' of nothing")
            case .mapping(let mapping): mapping[name]
            case .namespace(let namespace): namespace[name]
            case .loop(let loop): loop.method(name)
            default: nil
            }
        guard let member else { throw TemplateError.evaluation("a \(owner.kind.rawValue) has no method '\(name)'") }
        return try member.call(arguments, name: name, &scope)
    }
}

/// `x[key]`.
struct Subscript: Expression {
    let object, key: any Expression

    func value(_ scope: inout Scope) throws -> Value {
        let owner = try object.value(&scope)
        let key = try key.value(&scope)
        return try owner.element(key, &scope)
    }
}

extension Value {
    func element(_ key: Value, _ scope: inout Scope) throws -> Value {
        switch (self, key) {
        case (.mapping(let mapping), _):
            if let value = mapping[key] { return value }
            if case .string(let name) = key { return attribute(name) }
        case (.undefined, _): throw missing ?? .evaluation("an element of nothing")
        case (_, .string(let name)): return attribute(name)
        case (.list(let list), _):
            if let index = key.integer {
                let position = index < 0 ? index + list.items.count : index
                if list.items.indices.contains(position) { return list.items[position] }
            }
        case (.string(let text), _):
            if let index = key.integer {
                try scope.budget.spend(bytes: text.utf8.count)
                return text.scalar(at: index).map(Value.string) ?? .undefined(name: String(index), of: .string)
            }
        default: break
        }
        return .undefined(name: try key.text(&scope.budget), of: kind)
    }

    /// The member of that name, for names known only at run time.
    func attribute(_ name: String) -> Value {
        let member: Value? =
            switch self {
            case .mapping(let mapping): mapping[name]
            case .namespace(let namespace): namespace[name]
            case .loop(let loop): Loop.Member(rawValue: name).map { loop[$0] }
            default: nil
            }
        if let member { return member }
        if let method = Method(rawValue: name), method.applies(to: self) { return bound(method) }
        return .undefined(name: name, of: kind)
    }
}

extension String {
    /// The scalar at that position, counted from the end if negative.
    fileprivate func scalar(at index: Int) -> String? {
        let position = index < 0 ? index + scalarCount : index
        guard position >= 0 else { return nil }
        return unicodeScalars.dropFirst(position).first.map { String($0) }
    }
}

/// `x[start:stop:step]`.
struct Slicing: Expression {
    let object: any Expression
    let start, stop, step: (any Expression)?

    func value(_ scope: inout Scope) throws -> Value {
        let owner = try object.value(&scope)
        let bounds = (try bound(start, &scope), try bound(stop, &scope), try bound(step, &scope) ?? 1)
        switch owner {
        case .list(let list):
            let positions = try positions(bounds, count: list.items.count)
            try scope.budget.spend(steps: positions.count)
            let items = positions.map { list.items[$0] }
            return .list(List(unchecked: items, isTuple: list.isTuple, depth: list.depth))
        case .string(let text):
            try scope.budget.spend(bytes: text.utf8.count)
            let offsets = text.scalarOffsets
            let positions = try positions(bounds, count: offsets.count - 1)
            if bounds.2 == 1 {
                guard let first = positions.first, let last = positions.last else { return .string("") }
                return .string(text.slice(offsets[first]..<offsets[last + 1]))
            }
            return .string(positions.map { text.slice(offsets[$0]..<offsets[$0 + 1]) }.joined())
        default: throw owner.missing ?? .evaluation("a \(owner.kind.rawValue) has no parts")
        }
    }

    private func bound(_ expression: (any Expression)?, _ scope: inout Scope) throws -> Int? {
        guard let value = try expression?.value(&scope) else { return nil }
        if case .none = value { return nil }
        guard let bound = value.integer else {
            throw value.missing ?? .evaluation("a slice needs integers, not a \(value.kind.rawValue)")
        }
        return bound
    }

    private func positions(_ bounds: (Int?, Int?, Int), count: Int) throws -> [Int] {
        let (start, stop, step) = bounds
        guard step != 0 else { throw TemplateError.evaluation("a slice's step must not be 0") }
        let first = step > 0 ? 0 : -1
        let last = step > 0 ? count : count - 1
        func clamp(_ bound: Int) -> Int { min(max(bound < 0 ? bound + count : bound, first), last) }
        let from = start.map(clamp) ?? (step > 0 ? first : last)
        let to = stop.map(clamp) ?? (step > 0 ? last : first)
        return Array(stride(from: from, to: to, by: max(min(step, count + 1), -count - 1)))
    }
}
