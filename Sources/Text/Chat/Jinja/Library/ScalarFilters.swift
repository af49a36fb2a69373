import Foundation

extension Library {
    static let scalarFilters: [String: Filter] = [
        "default": standard,
        "d": standard,
        "int": toInteger,
        "float": toFloat,
        "abs": abs,
        "round": round,
    ]

    private static func standard(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "default_value", "boolean", of: "default")
        let isReplaced = value.isUndefined || (bound[1]?.isTrue ?? false && !value.isTrue)
        return isReplaced ? bound[0] ?? .string("") : value
    }

    private static func toInteger(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "default", "base", of: "int")
        let standard = bound[0] ?? .integer(0)
        if case .undefined = value { throw value.missing ?? .evaluation("no number") }
        if let integer = value.integer { return .integer(integer) }
        if case .string(let text) = value {
            let base = try bound[1]?.requireInteger("int") ?? 10
            guard (2...36).contains(base) else { throw TemplateError.evaluation("a base is from 2 to 36") }
            let digits = text.trimmed(leading: true, trailing: true, where: \.isSpace).replacing(bytesOf: "_", with: "")
            if let integer = Int(digits.droppingPrefix(ofBase: base), radix: base) { return .integer(integer) }
            return Double(digits).flatMap { Int(exactly: $0.rounded(.towardZero)) }.map(Value.integer) ?? standard
        }
        guard let number = value.number, number.isFinite else { return standard }
        guard let integer = Int(exactly: number.rounded(.towardZero)) else { throw Value.overflow }
        return .integer(integer)
    }

    private static func toFloat(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let standard = try arguments.bound(to: "default", of: "float")[0] ?? .float(0)
        if case .undefined = value { throw value.missing ?? .evaluation("no number") }
        if case .string(let text) = value {
            return Double(text.trimmed(leading: true, trailing: true, where: \.isSpace)).map(Value.float) ?? standard
        }
        return value.number.map(Value.float) ?? standard
    }

    private static func abs(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        if let integer = value.integer {
            guard integer != .min else { throw Value.overflow }
            return .integer(Swift.abs(integer))
        }
        guard let number = value.number else {
            throw value.missing ?? .evaluation("a \(value.kind.rawValue) has no absolute value")
        }
        return .float(Swift.abs(number))
    }

    private static func round(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "precision", "method", of: "round")
        guard let number = value.number else {
            throw value.missing ?? .evaluation("a \(value.kind.rawValue) cannot be rounded")
        }
        let precision = min(max(try bound[0]?.requireInteger("round") ?? 0, -300), 300)
        let method = bound[1]?.string ?? "common"
        let factor = pow(10, Double(precision))
        if method == "common", let integer = value.integer {
            if precision >= 0 { return .integer(integer) }
            return Int(exactly: (number * factor).rounded(.toNearestOrEven) / factor).map(Value.integer) ?? .float(0)
        }
        let rounded =
            switch method {
            case "common":
                precision > 0
                    ? Double(String(format: "%.\(precision)f", number)) ?? number
                    : (number * factor).rounded(.toNearestOrEven) / factor
            case "ceil": (number * factor).rounded(.up) / factor
            case "floor": (number * factor).rounded(.down) / factor
            default: throw TemplateError.evaluation("'round' knows common, ceil and floor, not '\(method)'")
            }
        return .float(rounded)
    }
}

extension String {
    /// Without `0x`, `0o` or `0b`, where that names the base.
    fileprivate func droppingPrefix(ofBase base: Int) -> String {
        let prefix = [2: "0b", 8: "0o", 16: "0x"][base]
        guard let prefix, lowercased().hasPrefix(prefix) else { return self }
        return String(dropFirst(2))
    }
}
