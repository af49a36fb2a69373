import Text

/// Keywords that no grammar holds. The schemas of tools that are not strict may have them: arguments are held to the rest.
extension SchemaKeywords {
    /// The members of a schema without them.
    static func held(_ members: OrderedObject) -> OrderedObject {
        OrderedObject(members.filter { !isUnheld($0.0, members) })
    }

    /// Those of a schema and of all schemas in it.
    static func unheld(in schema: JSON) -> Set<String> {
        guard let members = schema.object else { return [] }
        var found = Set(members.keys.filter { isUnheld($0, members) })
        for (keyword, value) in members {
            for part in schemas(in: value, under: keyword) { found.formUnion(unheld(in: part)) }
        }
        return found
    }

    private static func isUnheld(_ keyword: String, _ members: OrderedObject) -> Bool {
        switch keyword {
        case "uniqueItems": asksForUniqueItems(members)
        case "pattern": members[keyword]?.string.map { !PatternParser.canFollow($0) } ?? false
        default: refused[keyword] != nil
        }
    }

    /// Whether no element may come twice, and one could.
    static func asksForUniqueItems(_ members: OrderedObject) -> Bool {
        members["uniqueItems"] == true && members["maxItems"]?.integer ?? 2 > 1
    }

    /// Keywords whose members are schemas, under names of the client's.
    private static let named: Set = ["properties", "patternProperties", "$defs", "definitions"]
    /// Keywords whose value is a schema or an array of schemas.
    private static let nested: Set = [
        "items", "prefixItems", "additionalItems", "additionalProperties", "propertyNames", "unevaluatedProperties",
        "anyOf", "oneOf", "allOf",
    ]

    private static func schemas(in value: JSON, under keyword: String) -> [JSON] {
        if named.contains(keyword) { return value.object?.values ?? [] }
        return nested.contains(keyword) ? value.array ?? [value] : []
    }
}

extension PatternParser {
    /// Whether a text can be followed letter by letter as to whether it matches; what is no pattern at all is another matter.
    static func canFollow(_ source: String) -> Bool {
        var parser = PatternParser(source, path: "")
        do throws(GrammarError) {
            _ = try parser.parse()
            return true
        } catch {
            if case .unsupported = error { return false }
            return true
        }
    }
}
