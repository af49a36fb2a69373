import Foundation

extension Value {
    static var overflow: TemplateError { .evaluation("an integer is out of range") }

    func adding(_ other: Value, _ scope: inout Scope) throws -> Value {
        switch (self, other) {
        case (.string(let a), .string(let b)):
            try scope.budget.spend(bytes: a.utf8.count + b.utf8.count)
            return .string(a + b)
        case (.list(let a), .list(let b)) where a.isTuple == b.isTuple:
            try scope.budget.spend(steps: a.items.count + b.items.count)
            return .list(try List(a.items + b.items, isTuple: a.isTuple))
        default:
            if let a = integer, let b = other.integer { return try .checked(a.addingReportingOverflow(b)) }
            guard let a = number, let b = other.number else { throw mismatch("+", other) }
            return .float(a + b)
        }
    }

    func combined(_ operation: Arithmetic.Operator, _ other: Value, _ scope: inout Scope) throws -> Value {
        switch operation {
        case .subtract: try subtracting(other)
        case .multiply: try multiplied(by: other, &scope)
        case .divide: .float(try quotient("/", other) { $0 / $1 })
        case .floorDivide: try floorDivided(by: other)
        case .modulo: try modulo(other, &scope)
        case .power: try power(other)
        }
    }

    private func subtracting(_ other: Value) throws -> Value {
        if let a = integer, let b = other.integer { return try .checked(a.subtractingReportingOverflow(b)) }
        guard let a = number, let b = other.number else { throw mismatch("-", other) }
        return .float(a - b)
    }

    private func multiplied(by other: Value, _ scope: inout Scope) throws -> Value {
        if let a = integer, let b = other.integer { return try .checked(a.multipliedReportingOverflow(by: b)) }
        if let a = number, let b = other.number { return .float(a * b) }
        switch (self, integer, other, other.integer) {
        case (.string(let text), _, _, let count?), (_, let count?, .string(let text), _):
            return try Self.repeated(text, count, &scope)
        case (.list(let list), _, _, let count?), (_, let count?, .list(let list), _):
            return try Self.repeated(list, count, &scope)
        default: throw mismatch("*", other)
        }
    }

    private static func repeated(_ text: String, _ count: Int, _ scope: inout Scope) throws -> Value {
        try scope.budget.spend(bytes: text.utf8.count, times: count)
        return .string(text.isEmpty ? "" : text.repeated(count))
    }

    private static func repeated(_ list: List, _ count: Int, _ scope: inout Scope) throws -> Value {
        try scope.budget.spend(bytes: list.items.count * 32, times: count)
        if list.items.isEmpty || count <= 0 { return .list(List(unchecked: [], isTuple: list.isTuple)) }
        let items = Array(repeatElement(list.items, count: count).joined())
        return .list(List(unchecked: items, isTuple: list.isTuple, depth: list.depth))
    }

    private func quotient(_ symbol: String, _ other: Value, _ body: (Double, Double) -> Double) throws -> Double {
        guard let a = number, let b = other.number else { throw mismatch(symbol, other) }
        guard b != 0 else { throw TemplateError.evaluation("division by zero") }
        return body(a, b)
    }

    private func floorDivided(by other: Value) throws -> Value {
        guard let a = integer, let b = other.integer, b != 0 else {
            return .float(try quotient("//", other) { ($0 / $1).rounded(.down) })
        }
        let (quotient, overflow) = a.dividedReportingOverflow(by: b)
        if overflow { throw Self.overflow }
        return .integer(a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient)
    }

    private func modulo(_ other: Value, _ scope: inout Scope) throws -> Value {
        if case .string(let format) = self { return try .string(format.formatted(other.formatArguments, &scope)) }
        guard let a = integer, let b = other.integer, b != 0 else {
            return .float(try quotient("%", other) { $0 - ($0 / $1).rounded(.down) * $1 })
        }
        let remainder = a.remainderReportingOverflow(dividingBy: b).partialValue
        return .integer(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder)
    }

    private var formatArguments: [Value] {
        if case .list(let list) = self, list.isTuple { list.items } else { [self] }
    }

    private func power(_ other: Value) throws -> Value {
        guard let base = integer, var exponent = other.integer, exponent >= 0 else {
            guard let a = number, let b = other.number else { throw mismatch("**", other) }
            guard a != 0 || b >= 0 else { throw TemplateError.evaluation("division by zero") }
            return .float(pow(a, b))
        }
        var (result, square) = (1, base)
        while exponent > 0 {
            if exponent & 1 == 1 { result = try Self.product(result, square) }
            exponent >>= 1
            if exponent > 0 { square = try Self.product(square, square) }
        }
        return .integer(result)
    }

    private static func product(_ a: Int, _ b: Int) throws -> Int {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        if overflow { throw Self.overflow }
        return product
    }

    private static func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Value {
        if result.overflow { throw overflow }
        return .integer(result.partialValue)
    }

    private func mismatch(_ symbol: String, _ other: Value) -> TemplateError {
        missing ?? other.missing
            ?? .evaluation("'\(symbol)' does not work on a \(kind.rawValue) and a \(other.kind.rawValue)")
    }
}
