import Text

/// Puts the keywords of one schema into facets.
struct FacetRules {
    let members: OrderedObject, path: String

    mutating func apply(to facets: inout Facets) throws(GrammarError) {
        if let type = members["type"] { try apply(type, to: &facets) }
        if let value = members["const"] {
            try requireDigits(of: value, "const")
            facets.limit(values: [value])
        }
        if let values = members["enum"] {
            guard let values = values.array, !values.isEmpty else { throw wrong("enum", "an array of values") }
            try requireDigits(of: .array(values), "enum")
            facets.limit(values: values)
        }
        try applyNumbers(to: &facets)
        try applyStrings(to: &facets)
        try applyArrays(to: &facets)
        try applyObjects(to: &facets)
    }

    private func wrong(_ keyword: String, _ expected: String) -> GrammarError {
        .syntax("'\(keyword)' must be \(expected)", path: path)
    }

    private func place(_ keyword: String, _ schema: JSON) -> Facets.Place {
        .init(schema: schema, path: path + "/" + keyword)
    }

    private func count(_ keyword: String) throws(GrammarError) -> Int? {
        guard let value = members[keyword] else { return nil }
        guard let count = value.integer, (0...Int(Int32.max)).contains(count) else {
            throw wrong(keyword, "an integer from 0 to \(Int32.max)")
        }
        return count
    }

    private func apply(_ type: JSON, to facets: inout Facets) throws(GrammarError) {
        var kinds: Set<Facets.Kind> = [], isInteger = false, isNumber = false
        for name in type.array ?? [type] {
            if name == "integer" {
                isInteger = true
                kinds.insert(.number)
            } else if let kind = name.string.flatMap(Facets.Kind.init) {
                isNumber = isNumber || kind == .number
                kinds.insert(kind)
            } else {
                throw wrong("type", "one of object, array, string, number, integer, boolean and null, or several")
            }
        }
        // OpenAPI 3.0.3: it adds null to the type beside it, to nothing else.
        if members["nullable"] == true { kinds.insert(.null) }
        facets.kinds.formIntersection(kinds)
        facets.isIntegral = facets.isIntegral || isInteger && !isNumber
    }

    private func number(_ keyword: String) throws(GrammarError) -> JSON? {
        guard let value = members[keyword], value.bool == nil else { return nil }
        guard value.double != nil else { throw wrong(keyword, "a number") }
        return value
    }

    private func applyNumbers(to facets: inout Facets) throws(GrammarError) {
        for keyword in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
            guard let value = try number(keyword), let number = value.double else { continue }
            let isLeast = keyword.hasSuffix("inimum"), includesItself = !isExclusive(keyword)
            let place = "'\(keyword)' at \(path)"
            guard let bound = NumberText.Bound(value, includesItself: includesItself, place: place) else {
                guard isLeast == (number < 0), abs(number) >= 1e17 else {
                    throw .unsupported(keyword: keyword, path: path, why: "\(value.text()) has too many digits")
                }
                facets.hasFarBound = true
                continue
            }
            facets.limit(least: bound, isLeast: isLeast)
            let nearest = value.integer ?? Int(number.rounded(isLeast ? .up : .down))
            let step = value.integer == nil || includesItself ? 0 : isLeast ? 1 : -1
            if isLeast {
                facets.leastInteger = max(facets.leastInteger ?? nearest + step, nearest + step)
            } else {
                facets.mostInteger = min(facets.mostInteger ?? nearest + step, nearest + step)
            }
        }
        if let value = try number("multipleOf"), let number = value.double {
            guard number > 0 else { throw wrong("multipleOf", "a number above 0") }
            guard let divisor = Divisor(value, path: path) else {
                throw .unsupported(keyword: "multipleOf", path: path, why: "\(value.text()) has too many digits")
            }
            facets.divisors.append(divisor)
        }
    }

    /// Refuses values whose digits were lost when the schema was read.
    private func requireDigits(of value: JSON, _ keyword: String) throws(GrammarError) {
        switch value {
        case .number(let number) where abs(number) >= 0x1p63:
            let why = "\(value.text()) may have had more digits than are kept; write it as a string"
            throw .unsupported(keyword: keyword, path: path, why: why)
        case .array(let elements): for element in elements { try requireDigits(of: element, keyword) }
        case .object(let members): for element in members.values { try requireDigits(of: element, keyword) }
        default: break
        }
    }

    /// Draft 4 has booleans beside `minimum` and `maximum`.
    private func isExclusive(_ keyword: String) -> Bool {
        switch keyword {
        case "minimum": members["exclusiveMinimum"] == true
        case "maximum": members["exclusiveMaximum"] == true
        default: true
        }
    }

    private func applyStrings(to facets: inout Facets) throws(GrammarError) {
        if let least = try count("minLength") { facets.leastLength = max(facets.leastLength, least) }
        if let most = try count("maxLength") { facets.mostLength = min(facets.mostLength ?? most, most) }
        if let pattern = members["pattern"] {
            guard let source = pattern.string else { throw wrong("pattern", "a string") }
            facets.patterns.append((source, path + "/pattern"))
        }
        if let format = members["format"] {
            guard let name = format.string else { throw wrong("format", "a string") }
            facets.formats.append((name, path))
        }
    }

    private func applyArrays(to facets: inout Facets) throws(GrammarError) {
        if let least = try count("minItems") { facets.leastItems = max(facets.leastItems, least) }
        if let most = try count("maxItems") { facets.limit(mostItems: most) }
        // Before draft 2020-12 an array of `items` was what `prefixItems` is, and `additionalItems` was `items`.
        let old = members["items"]?.array
        guard let prefix = members["prefixItems"] ?? old.map(JSON.array) else {
            if let items = members["items"] {
                facets.limit(prefix: [], items: items == false ? nil : [place("items", items)])
            }
            return
        }
        guard let schemas = prefix.array else { throw wrong("prefixItems", "an array of schemas") }
        let keyword = old == nil ? "prefixItems" : "items"
        let places = schemas.enumerated().map { [place("\(keyword)/\($0)", $1)] }
        let name = old == nil ? "items" : "additionalItems"
        let rest = members[name].map { [place(name, $0)] } ?? []
        facets.limit(prefix: places, items: members[name] == false ? nil : rest)
    }

    private func applyObjects(to facets: inout Facets) throws(GrammarError) {
        if let required = members["required"], required.bool == nil {
            guard let names = required.array?.map(\.string), names.allSatisfy({ $0 != nil }) else {
                throw wrong("required", "an array of strings")
            }
            for name in names.compactMap(\.self) where !facets.required.contains(name) { facets.required.append(name) }
        }
        if let least = try count("minProperties") { facets.leastMembers = max(facets.leastMembers, least) }
        if let most = try count("maxProperties") { facets.mostMembers = min(facets.mostMembers ?? most, most) }
        if let names = members["propertyNames"] { facets.nameRules.append(place("propertyNames", names)) }
        try applyProperties(to: &facets)
    }

    /// An object that names its properties and says nothing of others has no others: fewer than JSON Schema would take, and what
    /// is meant.
    private func applyProperties(to facets: inout Facets) throws(GrammarError) {
        let properties = try schemas("properties"), patterns = try schemas("patternProperties")
        var machines: [(machine: CharacterMachine, places: [Facets.Place])] = []
        for (source, place) in patterns {
            machines.append((try Pattern.machine(source, .part, path: place.path), [place]))
        }
        let rest = members["additionalProperties"]
        facets.namesMembers = facets.namesMembers || members["properties"] != nil
        facets.speaksOfOthers = facets.speaksOfOthers || rest != nil
        let others: [Facets.Place]? =
            switch rest {
            case .bool(false)?: nil
            case .bool(true)?, nil: []
            case let schema?: [place("additionalProperties", schema)]
            }
        try facets.limit(
            names: properties.map(\.name),
            properties: Dictionary(properties.map { ($0.name, [$0.place]) }) { $1 },
            patterns: machines,
            others: others
        )
        switch members["unevaluatedProperties"] {
        case nil: break
        case .bool(false)?: facets.namesMembers = true  // those that are named, if only none
        case .bool(true)?: facets.speaksOfOthers = true
        default:
            throw .unsupported(keyword: "unevaluatedProperties", path: path, why: "say it with 'additionalProperties'")
        }
    }

    private func schemas(_ keyword: String) throws(GrammarError) -> [(name: String, place: Facets.Place)] {
        guard let value = members[keyword] else { return [] }
        guard let object = value.object else { throw wrong(keyword, "an object of schemas") }
        return object.map { ($0, place(keyword + "/" + Self.escaped($0), $1)) }
    }

    /// A name as part of a JSON pointer.
    static func escaped(_ name: String) -> String { name.replacing("~", with: "~0").replacing("/", with: "~1") }
}
