import Text

/// What is passed over of a schema that need not be kept to the letter, by its place: `properties.tags.uniqueItems`.
extension SchemaCompiler {
    static func unheld(in root: JSON) throws(GrammarError) -> [String] {
        try SchemaCompiler(root, .lenient).unheld(in: .init(schema: root, path: "#"), at: "")
    }

    /// - Parameter name: how the place is told, with what separates it from what is in it.
    private func unheld(in place: Facets.Place, at name: String) -> [String] {
        guard let members = place.schema.object else { return [] }
        let together = unkeptTogether(place, members)
        var found: [String] = []
        for keyword in members.keys {
            if together.contains(keyword) || reader.isUnheld(keyword, members) { found.append(name + keyword) }
            guard !reader.isUnheld(keyword, members) else { continue }
            for (part, step) in Self.schemas(under: keyword, in: place) { found += unheld(in: part, at: name + step) }
        }
        return found
    }

    /// Keywords whose members are schemas, under names of the client's.
    private static let named: Set = ["properties", "patternProperties", "$defs", "definitions"]
    /// Keywords whose value is a schema or an array of schemas.
    private static let nested: Set = [
        "items", "prefixItems", "additionalItems", "additionalProperties", "propertyNames", "anyOf", "oneOf", "allOf",
    ]

    private static func schemas(under keyword: String, in place: Facets.Place) -> [(Facets.Place, step: String)] {
        guard let value = place.schema[keyword] else { return [] }
        let path = place.path + "/" + keyword
        if named.contains(keyword) {
            return (value.object ?? [:]).map { name, schema in
                (.init(schema: schema, path: path + "/" + FacetRules.escaped(name)), "\(keyword).\(name).")
            }
        }
        guard nested.contains(keyword) else { return [] }
        guard let schemas = value.array else { return [(.init(schema: value, path: path), keyword + ".")] }
        return schemas.enumerated().map { (.init(schema: $1, path: path + "/\($0)"), "\(keyword)[\($0)].") }
    }

    /// What cannot be kept beside other keywords: cases of `oneOf` that may hold at once, and counts of members.
    private func unkeptTogether(_ place: Facets.Place, _ members: OrderedObject) -> Set<String> {
        let joining = ["allOf", "anyOf", "oneOf"], counts = ["minProperties", "maxProperties"]
        guard (joining + counts).contains(where: { members[$0] != nil }), let own = try? reader.facets([place])
        else { return [] }
        var found: Set<String> = [], cases = [own]
        for (index, group) in own.alternatives.enumerated() {
            var base = own
            base.alternatives.remove(at: index)
            let joined = group.places.compactMap { try? reader.joined(base, $0) }
            cases += joined
            guard group.isExclusive, group.path == place.path + "/oneOf" else { continue }
            do throws(GrammarError) { try requireDisjoint(joined, group.path) } catch { found.insert("oneOf") }
        }
        for facets in cases.filter({ $0.kinds.contains(.object) }).map(\.closed) {
            for (keyword, isKept) in zip(counts, [facets.keepsLeastMembers, facets.keepsMostMembers]) where !isKept {
                // Where it is no word of this schema, it is one of those that are joined here.
                if let place = ([keyword] + joining).first(where: { members[$0] != nil }) { found.insert(place) }
            }
        }
        return found
    }
}
