extension Value {
    /// Equality as Python has it: numbers and booleans by value, a list never a tuple, undefined only undefined.
    func isEqual(to other: Value, _ budget: inout Budget) throws -> Bool {
        switch (self, other) {
        case (.string(let a), .string(let b)):
            guard a.utf8.count == b.utf8.count else { return false }
            try budget.spend(bytes: a.utf8.count)
            return a.isIdentical(to: b)
        case (.undefined, .undefined), (.none, .none): return true
        case (.list(let a), .list(let b)):
            return try a.isTuple == b.isTuple && Self.areEqual(a.items, b.items, &budget)
        case (.mapping(let a), .mapping(let b)): return try a === b || Self.areEqual(a, b, &budget)
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.loop(let a), .loop(let b)): return a === b
        case (.integer(let a), .integer(let b)): return a == b
        default:
            guard let a = number, let b = other.number else { return false }
            return a == b
        }
    }

    private static func areEqual(_ a: [Value], _ b: [Value], _ budget: inout Budget) throws -> Bool {
        guard a.count == b.count else { return false }
        try budget.spend(steps: a.count)
        for (a, b) in zip(a, b) where try !a.isEqual(to: b, &budget) { return false }
        return true
    }

    private static func areEqual(_ a: Mapping, _ b: Mapping, _ budget: inout Budget) throws -> Bool {
        guard a.keys.count == b.keys.count else { return false }
        for (key, value) in zip(a.keys, a.values) {
            try budget.spend(steps: b.keys.count)
            guard let other = b[key], try value.isEqual(to: other, &budget) else { return false }
        }
        return true
    }

    /// Whether this comes before the other; throws for what has no order.
    func isLess(than other: Value, _ budget: inout Budget) throws -> Bool {
        switch (self, other) {
        case (.string(let a), .string(let b)):
            try budget.spend(bytes: min(a.utf8.count, b.utf8.count))
            return a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.integer(let a), .integer(let b)): return a < b
        case (.list(let a), .list(let b)) where a.isTuple == b.isTuple:
            try budget.spend(steps: min(a.items.count, b.items.count))
            for (a, b) in zip(a.items, b.items) where try !a.isEqual(to: b, &budget) {
                return try a.isLess(than: b, &budget)
            }
            return a.items.count < b.items.count
        default:
            if let a = number, let b = other.number { return a < b }
            throw missing ?? other.missing
                ?? .evaluation("cannot order a \(kind.rawValue) and a \(other.kind.rawValue)")
        }
    }

    /// Whether the value is an element, a key or a part of this one.
    func contains(_ value: Value, _ budget: inout Budget) throws -> Bool {
        switch self {
        case .string(let text):
            guard case .string(let part) = value else {
                throw value.missing ?? .evaluation("only a str can be in a str, not a \(value.kind.rawValue)")
            }
            try budget.spend(bytes: text.utf8.count)
            return text.contains(bytesOf: part)
        case .list(let list):
            try budget.spend(steps: list.items.count)
            for item in list.items where try item.isEqual(to: value, &budget) { return true }
            return false
        case .mapping(let mapping):
            try budget.spend(steps: mapping.keys.count)
            return try mapping[value.asKey()] != nil
        case .undefined: return false
        default: throw TemplateError.evaluation("nothing can be in a \(kind.rawValue)")
        }
    }

    /// A number or a boolean as a number.
    var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// An integer or a boolean as an integer.
    var integer: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): value
        default: nil
        }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
