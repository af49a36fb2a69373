import Foundation
import Text

/// Says whether a value is valid by a schema, straight from the specification; knows nothing of grammars.
struct Judge {
    let root: JSON

    init(_ root: JSON) { self.root = root }

    func accepts(_ value: JSON) -> Bool { isValid(value, root) }

    private func isValid(_ value: JSON, _ schema: JSON) -> Bool {
        if let answer = schema.bool { return answer }
        if let reference = schema["$ref"]?.string, !isValid(value, resolved(reference)) { return false }
        return hasType(value, schema) && isListed(value, schema) && isCombined(value, schema) && isNumber(value, schema)
            && isString(value, schema) && isArray(value, schema) && isObject(value, schema)
    }

    private func resolved(_ reference: String) -> JSON {
        if reference == "#" { return root }
        if !reference.hasPrefix("#/") {
            return root["$defs"]?.object?.values.first { $0["$anchor"]?.string == String(reference.dropFirst()) }
                ?? false
        }
        return reference.dropFirst(2).split(separator: "/").reduce(root) {
            $0[String($1)] ?? $0[Int($1) ?? -1] ?? false
        }
    }

    private func hasType(_ value: JSON, _ schema: JSON) -> Bool {
        guard let type = schema["type"], value != .null || schema["nullable"] != true else { return true }
        return (type.array ?? [type]).contains { name in
            switch name {
            case "null": value == .null
            case "boolean": value.bool != nil
            case "object": value.object != nil
            case "array": value.array != nil
            case "string": value.string != nil
            case "number": value.double != nil
            case "integer": value.integer != nil
            default: false
            }
        }
    }

    private func isListed(_ value: JSON, _ schema: JSON) -> Bool {
        (schema["enum"]?.array?.contains(value) ?? true) && (schema["const"] ?? value) == value
    }

    private func isCombined(_ value: JSON, _ schema: JSON) -> Bool {
        let all = schema["allOf"]?.array?.allSatisfy { isValid(value, $0) } ?? true
        let any = schema["anyOf"]?.array?.contains { isValid(value, $0) } ?? true
        return all && any && (schema["oneOf"]?.array?.filter { isValid(value, $0) }.count ?? 1) == 1
    }

    private func isNumber(_ value: JSON, _ schema: JSON) -> Bool {
        guard let number = value.double else { return true }
        let divisor = value.integer == nil ? schema["multipleOf"]?.double : nil
        return number >= schema["minimum"]?.double ?? number && number <= schema["maximum"]?.double ?? number
            && number > schema["exclusiveMinimum"]?.double ?? -.infinity
            && number < schema["exclusiveMaximum"]?.double ?? .infinity
            && (divisor.map { number.truncatingRemainder(dividingBy: $0) == 0 } ?? true)
            && (value.integer ?? 0) % (schema["multipleOf"]?.integer ?? 1) == 0
    }

    private func isString(_ value: JSON, _ schema: JSON) -> Bool {
        guard let text = value.string else { return true }
        let length = text.unicodeScalars.count
        let matches = schema["pattern"]?.string.map { text.range(of: $0, options: .regularExpression) != nil } ?? true
        return length >= schema["minLength"]?.integer ?? 0 && length <= schema["maxLength"]?.integer ?? .max && matches
    }

    private func isArray(_ value: JSON, _ schema: JSON) -> Bool {
        guard let elements = value.array else { return true }
        let prefix = schema["prefixItems"]?.array ?? []
        let parts = zip(elements, prefix).allSatisfy { isValid($0, $1) }
        let rest =
            schema["items"].map { items in elements.dropFirst(prefix.count).allSatisfy { isValid($0, items) } } ?? true
        return parts && rest && elements.count >= schema["minItems"]?.integer ?? 0
            && elements.count <= schema["maxItems"]?.integer ?? .max
    }

    private func isObject(_ value: JSON, _ schema: JSON) -> Bool {
        guard let members = value.object else { return true }
        let patterns = schema["patternProperties"]?.object ?? [:]
        for name in schema["required"]?.array ?? [] where members[name.string ?? ""] == nil { return false }
        for (name, member) in members {
            let own = schema["properties"]?[name]
            let matching = patterns.filter { name.range(of: $0.0, options: .regularExpression) != nil }.map(\.1)
            if let own, !isValid(member, own) { return false }
            if !matching.allSatisfy({ isValid(member, $0) }) { return false }
            if own == nil, matching.isEmpty, let rest = schema["additionalProperties"], !isValid(member, rest) {
                return false
            }
            if let rule = schema["propertyNames"], !isValid(.string(name), rule) { return false }
        }
        return members.count >= schema["minProperties"]?.integer ?? 0
            && members.count <= schema["maxProperties"]?.integer ?? .max
    }
}
