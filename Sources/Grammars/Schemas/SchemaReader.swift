import Foundation
import Text

/// Gathers what schemas ask for: follows references, joins `allOf`, and refuses by name what could not be kept.
struct SchemaReader {
    typealias Place = Facets.Place

    let care: SchemaCare
    private let root: JSON
    /// Places by their `$anchor`.
    private let anchors: [String: Place]

    private static let mostParts = 2000

    init(_ root: JSON, _ care: SchemaCare) {
        (self.root, self.care) = (root, care)
        var anchors: [String: Place] = [:], work = [Place(schema: root, path: "#")]
        while let place = work.popLast() {
            if let name = place.schema["$anchor"]?.string { anchors[name] = place }
            for (key, value) in place.schema.object ?? [:] where key != "enum" && key != "const" {
                work.append(Place(schema: value, path: place.path + "/" + key))
            }
            for (index, value) in (place.schema.array ?? []).enumerated() {
                work.append(Place(schema: value, path: place.path + "/\(index)"))
            }
        }
        self.anchors = anchors
    }

    /// What all of these ask for together.
    func facets(_ places: [Place]) throws(GrammarError) -> Facets {
        var facets = Facets()
        facets.path = places.first?.path ?? "#"
        for place in places { try add(place, to: &facets, seen: []) }
        return facets
    }

    /// The same, and one more.
    func joined(_ facets: Facets, _ place: Place) throws(GrammarError) -> Facets {
        var facets = facets
        try add(place, to: &facets, seen: [])
        return facets
    }

    private func add(_ place: Place, to facets: inout Facets, seen: Set<String>) throws(GrammarError) {
        guard !seen.contains(place.path) else {
            throw .syntax("the schema refers to itself without any value in between", path: place.path)
        }
        facets.parts += 1
        guard facets.parts <= Self.mostParts else {
            throw .tooLarge("more than \(Self.mostParts) schemas hold together", place: "the schema at \(place.path)")
        }
        let seen = seen.union([place.path])
        switch place.schema {
        case .bool(let isAnything): facets.isNever = facets.isNever || !isAnything
        case .object(let all):
            let members = care == .lenient ? held(all) : all
            try refuse(members, place.path)
            if let target = members["$ref"] { try add(try resolved(target, place), to: &facets, seen: seen) }
            for part in try places(members["allOf"], "allOf", place) { try add(part, to: &facets, seen: seen) }
            var rules = FacetRules(members: members, path: place.path)
            try rules.apply(to: &facets)
            for (keyword, isExclusive) in [("anyOf", false), ("oneOf", true)] where members[keyword] != nil {
                let parts = try places(members[keyword], keyword, place)
                let path = place.path + "/" + keyword
                facets.alternatives.append(.init(places: parts, path: path, isExclusive: isExclusive))
            }
        default: throw .syntax("a schema must be an object or a boolean, but is \(place.schema.kind)", path: place.path)
        }
    }

    private func refuse(_ members: OrderedObject, _ path: String) throws(GrammarError) {
        try SchemaKeywords.check(members, path, care)
        if SchemaKeywords.asksForUniqueItems(members) {
            throw .unsupported(
                keyword: "uniqueItems",
                path: path,
                why: "what was written before cannot be kept in mind"
            )
        }
    }

    private func places(_ value: JSON?, _ keyword: String, _ place: Place) throws(GrammarError) -> [Place] {
        guard let value else { return [] }
        let path = place.path + "/" + keyword
        guard let schemas = value.array, !schemas.isEmpty else {
            throw .syntax("'\(keyword)' must be an array of schemas", path: path)
        }
        return schemas.enumerated().map { Place(schema: $1, path: path + "/\($0)") }
    }
}

// MARK: References

extension SchemaReader {
    private func resolved(_ reference: JSON, _ place: Place) throws(GrammarError) -> Place {
        guard let text = reference.string else { throw .syntax("'$ref' must be a string", path: place.path) }
        guard let fragment = fragment(of: text) else {
            let why = "'\(text)' is outside of this schema; put what it means into '$defs'"
            throw .unsupported(keyword: "$ref", path: place.path, why: why)
        }
        if let place = anchors[String(fragment)] { return place }
        guard let target = pointed(fragment) else {
            throw .syntax("'$ref' leads nowhere: '\(text)'", path: place.path)
        }
        return Place(schema: target, path: "#" + fragment)
    }

    /// What a reference names within this schema; nil where it leads out of it.
    func fragment(of reference: String) -> Substring? {
        if reference.hasPrefix("#") { return reference.dropFirst() }
        guard let id = root["$id"]?.string, reference.hasPrefix(id) else { return nil }
        let rest = reference.dropFirst(id.count)
        return rest.hasPrefix("#") ? rest.dropFirst() : rest
    }

    /// Follows a JSON pointer (RFC 6901).
    private func pointed(_ pointer: Substring) -> JSON? {
        guard !pointer.isEmpty else { return root }
        guard pointer.hasPrefix("/") else { return nil }
        var value = root
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let name = part.removingPercentEncoding ?? String(part)
            let key = name.replacing("~1", with: "/").replacing("~0", with: "~")
            guard let next = value[key] ?? Int(key).flatMap({ value[$0] }) else { return nil }
            value = next
        }
        return value
    }
}
