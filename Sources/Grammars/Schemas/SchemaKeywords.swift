import Text

/// How words are taken that no draft of JSON Schema has.
package enum SchemaCare: String, Sendable {
    /// Each is refused.
    case strict
    /// Those are refused that look like a misspelling; others say nothing. Formats are known or refused.
    case usual
    /// As usual, but what cannot be kept is passed over (and told, `Tool.unheldKeywords`), unknown formats too, and cases of
    /// `oneOf` may overlap.
    case lenient
}

/// The words of schemas: those that are kept, those that are refused, and those that ask for nothing.
enum SchemaKeywords {
    /// What cannot be kept, and what to do instead.
    static let refused = [
        "not": "what must not be cannot be written letter by letter; say what may be, with 'enum' or 'anyOf'",
        "if": "write the cases as 'anyOf'", "then": "write the cases as 'anyOf'", "else": "write the cases as 'anyOf'",
        "dependentSchemas": "write the cases as 'anyOf'", "dependentRequired": "write the cases as 'anyOf'",
        "dependencies": "write the cases as 'anyOf'",
        "contains": "say with 'prefixItems' which element it is",
        "minContains": "say with 'prefixItems' which element it is",
        "maxContains": "say with 'prefixItems' which element it is",
        "unevaluatedItems": "say it with 'items'",
        "$dynamicRef": "use '$ref'", "$recursiveRef": "use '$ref'", "$dynamicAnchor": "use '$anchor'",
        "disallow": "what must not be cannot be written letter by letter; say what may be, with 'enum' or 'anyOf'",
        "extends": "use 'allOf'", "divisibleBy": "use 'multipleOf'",
    ]

    private static let kept: Set = [
        "type", "enum", "const", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "items", "prefixItems",
        "additionalItems",
        "uniqueItems", "required", "properties", "patternProperties", "additionalProperties", "propertyNames",
        "minProperties", "maxProperties", "unevaluatedProperties", "anyOf", "oneOf", "allOf", "$ref", "$defs",
        "definitions", "$anchor", "$id", "$schema",
    ]

    /// Annotations of the drafts, of OpenAPI, and of what writes schemas.
    private static let silent: Set = [
        "title", "description", "default", "examples", "example", "$comment", "comment", "deprecated", "readOnly",
        "writeOnly", "id", "$vocabulary", "$recursiveAnchor", "contentEncoding", "contentMediaType", "contentSchema",
        "nullable", "discriminator", "xml", "externalDocs", "propertyOrdering", "enumNames",
        "enumDescriptions", "markdownDescription", "errorMessage", "name", "summary", "strict", "hidden", "order",
        "unit", "units", "label", "labels", "hint", "note", "notes", "placeholder",
    ]

    /// What a misspelt word may have been meant to be: something that would be kept or refused.
    private static let meaningful = kept.union(refused.keys.filter { $0.count > 7 })

    static func check(_ members: OrderedObject, _ path: String, _ care: SchemaCare) throws(GrammarError) {
        if isNullableInVain(members) {
            let why = "it adds null to the 'type' beside it, and there is none; write null as a case of 'anyOf'"
            throw .unsupported(keyword: "nullable", path: path, why: why)
        }
        for keyword in members.keys {
            if let why = refused[keyword] { throw .unsupported(keyword: keyword, path: path, why: why) }
            guard !kept.contains(keyword), !silent.contains(keyword), !keyword.hasPrefix("x-") else { continue }
            if let meant = nearest(keyword, in: meaningful) {
                throw .unsupported(keyword: keyword, path: path, why: "did you mean '\(meant)'?")
            }
            guard care != .strict else {
                throw .unsupported(keyword: keyword, path: path, why: "no draft of JSON Schema has it; leave it out")
            }
        }
    }

    /// Whether a schema without a type says OpenAPI's `nullable`, and other words of it may leave no null.
    static func isNullableInVain(_ members: OrderedObject) -> Bool {
        guard members["nullable"] == true, members["type"] == nil else { return false }
        if members["$ref"] != nil || members["allOf"] != nil || members["const"] ?? .null != .null { return true }
        if let values = members["enum"]?.array, !values.contains(.null) { return true }
        let cases = ["anyOf", "oneOf"].compactMap { members[$0]?.array }
        return !cases.allSatisfy { $0.contains { $0["type"] == "null" || $0["nullable"] == true } }
    }

    /// The word that was probably meant: one or, among long ones, two letters are wrong, missing, swapped or too many.
    static func nearest(_ word: String, in words: some Collection<String>) -> String? {
        let letters = Array(word.utf8)
        let near = words.filter { $0.utf8.count > 3 }.map { known in
            (known, distance(letters, Array(known.utf8)), known.utf8.count < 7 ? 1 : 2)
        }
        return near.filter { $0.1 <= $0.2 }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// How many letters must change, where two that are swapped count as one (Damerau 1964, restricted).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard abs(a.count - b.count) <= 2 else { return 3 }
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                let change = rows[i][j] + (a[i] == b[j] ? 0 : 1)
                row.append(min(change, rows[i][j + 1] + 1, row[j] + 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    row[j + 1] = min(row[j + 1], rows[i - 1][j - 1] + 1)
                }
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
