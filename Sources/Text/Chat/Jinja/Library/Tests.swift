extension Library {
    static let kindTests: [String: Test] = kinds.mapValues { test in
        { scope, value, arguments in
            guard arguments.positional.isEmpty, arguments.named.isEmpty else {
                throw TemplateError.evaluation("this test takes no argument")
            }
            return try test(&scope, value)
        }
    }

    private static let kinds: [String: @Sendable (inout Scope, Value) throws -> Bool] = [
        "defined": { _, value in !value.isUndefined },
        "undefined": { _, value in value.isUndefined },
        "none": { _, value in if case .none = value { true } else { false } },
        "string": { _, value in value.string != nil },
        "mapping": { _, value in if case .mapping = value { true } else { false } },
        "number": { _, value in value.number != nil },
        "integer": { _, value in if case .integer = value { true } else { false } },
        "float": { _, value in if case .float = value { true } else { false } },
        "boolean": { _, value in if case .bool = value { true } else { false } },
        "true": { _, value in if case .bool(true) = value { true } else { false } },
        "false": { _, value in if case .bool(false) = value { true } else { false } },
        "iterable": { _, value in value.isIterable },
        "sequence": { _, value in value.isIterable },
        "callable": { _, value in if case .function = value { true } else { false } },
        "escaped": { _, _ in false },
        "filter": { _, value in value.string.map { Library.filters[$0] != nil } ?? false },
        "test": { _, value in value.string.map { Library.isTest($0) } ?? false },
        "lower": { _, value in value.string.map { $0 == $0.lowercased() && $0 != $0.uppercased() } ?? false },
        "upper": { _, value in value.string.map { $0 == $0.uppercased() && $0 != $0.lowercased() } ?? false },
        "odd": { try $0.modulo($1, 2) == 1 },
        "even": { try $0.modulo($1, 2) == 0 },
    ]

    static let comparingTests: [String: Test] = comparisons.mapValues { comparison in
        { scope, value, arguments in
            guard let other = arguments.positional.first ?? arguments.named.first?.value else {
                throw TemplateError.evaluation("a comparing test needs an argument")
            }
            return try comparison(&scope, value, other)
        }
    }

    /// A function, for the table cannot mention what it is part of.
    private static func isTest(_ name: String) -> Bool { kinds[name] != nil || comparisons[name] != nil }

    private static let comparisons: [String: @Sendable (inout Scope, Value, Value) throws -> Bool] = [
        "eq": { try Comparison.Operator.equal.holds($1, $2, &$0.budget) },
        "equalto": { try Comparison.Operator.equal.holds($1, $2, &$0.budget) },
        "==": { try Comparison.Operator.equal.holds($1, $2, &$0.budget) },
        "ne": { try Comparison.Operator.notEqual.holds($1, $2, &$0.budget) },
        "!=": { try Comparison.Operator.notEqual.holds($1, $2, &$0.budget) },
        "lt": { try Comparison.Operator.less.holds($1, $2, &$0.budget) },
        "lessthan": { try Comparison.Operator.less.holds($1, $2, &$0.budget) },
        "<": { try Comparison.Operator.less.holds($1, $2, &$0.budget) },
        "le": { try Comparison.Operator.lessEqual.holds($1, $2, &$0.budget) },
        "<=": { try Comparison.Operator.lessEqual.holds($1, $2, &$0.budget) },
        "gt": { try Comparison.Operator.greater.holds($1, $2, &$0.budget) },
        "greaterthan": { try Comparison.Operator.greater.holds($1, $2, &$0.budget) },
        ">": { try Comparison.Operator.greater.holds($1, $2, &$0.budget) },
        "ge": { try Comparison.Operator.greaterEqual.holds($1, $2, &$0.budget) },
        ">=": { try Comparison.Operator.greaterEqual.holds($1, $2, &$0.budget) },
        "in": { try $2.contains($1, &$0.budget) },
        "sameas": { try $1.kind == $2.kind && $1.isEqual(to: $2, &$0.budget) },
        "divisibleby": { try $0.modulo($1, $2.requireInteger("divisibleby")) == 0 },
    ]
}

extension Scope {
    fileprivate mutating func modulo(_ value: Value, _ divisor: Int) throws -> Int {
        let remainder = try value.combined(.modulo, .integer(divisor), &self)
        return remainder.integer ?? (remainder.number == 0 ? 0 : divisor)
    }
}

extension Value {
    fileprivate var isIterable: Bool {
        switch self {
        case .string, .list, .mapping, .undefined: true
        default: false
        }
    }
}
