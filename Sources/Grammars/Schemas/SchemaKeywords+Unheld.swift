import Text

/// Keywords that no grammar holds. The schemas of tools that are not strict may have them: arguments are held to the rest.
extension SchemaReader {
    /// The members of a schema without them.
    func held(_ members: OrderedObject) -> OrderedObject {
        OrderedObject(members.filter { !isUnheld($0.0, members) })
    }

    func isUnheld(_ keyword: String, _ members: OrderedObject) -> Bool {
        guard let value = members[keyword] else { return false }
        switch keyword {
        case "$ref": return value.string.map { fragment(of: $0) == nil } ?? false
        case "uniqueItems": return SchemaKeywords.asksForUniqueItems(members)
        case "pattern": return value.string.map { !PatternParser.canFollow($0) } ?? false
        case "patternProperties": return value.object?.keys.contains { !PatternParser.canFollow($0) } ?? false
        // Which members are the others is not known then.
        case "additionalProperties": return value != true && isUnheld("patternProperties", members)
        case "nullable": return SchemaKeywords.isNullableInVain(members)
        case "unevaluatedProperties": return value.object != nil
        case "format": return value.string.map(Formats.isStrange) ?? false
        case "multipleOf": return value.double ?? 0 > 0 && !canDivide(by: value, members)
        default: return SchemaKeywords.refused[keyword] != nil
        }
    }

    private func canDivide(by value: JSON, _ members: OrderedObject) -> Bool {
        guard let divisor = Divisor(value, path: "") else { return false }
        return (members["type"] == "integer" ? divisor.whole : divisor).canBeFollowed
    }
}

extension SchemaKeywords {
    /// Whether no element may come twice, and one could.
    static func asksForUniqueItems(_ members: OrderedObject) -> Bool {
        members["uniqueItems"] == true && members["maxItems"]?.integer ?? 2 > 1
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
