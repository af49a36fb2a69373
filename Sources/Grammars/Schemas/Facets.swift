import Text

/// All that the schemas of one place ask for together.
struct Facets {
    enum Kind: String, CaseIterable {
        case null, boolean, object, array, number, string
    }

    /// A schema and where it stands.
    struct Place: Hashable {
        var schema: JSON, path: String
    }

    var kinds = Set(Kind.allCases)
    /// Nil: any value.
    var values: [JSON]?
    var isNever = false

    var isIntegral = false
    var least: NumberText.Bound?, most: NumberText.Bound?
    var leastInteger: Int?, mostInteger: Int?
    /// Whether there is a bound beyond all numbers that are written without an exponent.
    var hasFarBound = false
    var divisors: [Divisor] = []

    var leastLength = 0, mostLength: Int?
    var patterns: [(source: String, path: String)] = []
    var formats: [(name: String, path: String)] = []

    var prefix: [[Place]] = []
    /// What elements beyond the prefix must be; nil where there may be none.
    var items: [Place]? = []
    var leastItems = 0, mostItems: Int?

    var names: [String] = []
    var properties: [String: [Place]] = [:]
    var required: [String] = []
    /// What members must be that are not named; nil where there may be none.
    var others: [Place]? = []
    var patternProperties: [(machine: CharacterMachine, places: [Place])] = []
    /// Whether a schema says what unnamed members must be; where none does, named ones are all.
    var speaksOfOthers = false
    /// Whether a schema names members, be they none.
    var namesMembers = false
    var nameRules: [Place] = []
    var leastMembers = 0, mostMembers: Int?

    /// Of each list one must hold.
    var alternatives: [Alternatives] = []
    /// How many schemas were joined.
    var parts = 0
    /// Where it all stands, for messages.
    var path = ""

    struct Alternatives {
        var places: [Place], path: String
        /// Whether no two may hold at once.
        var isExclusive: Bool

        /// For messages.
        var place: String { "'\(isExclusive ? "oneOf" : "anyOf")' at \(path)" }
    }

    /// Whether any value at all is as good as another.
    var isFree: Bool {
        kinds.count == Kind.allCases.count && values == nil && alternatives.isEmpty && !isNever && !isIntegral
            && least == nil && most == nil && !hasFarBound && leastInteger == nil && mostInteger == nil
            && divisors.isEmpty
            && leastLength == 0 && mostLength == nil && patterns.isEmpty && formats.isEmpty
            && prefix.isEmpty && items == [] && leastItems == 0 && mostItems == nil && names.isEmpty
            && required.isEmpty && others == [] && !namesMembers && patternProperties.isEmpty && nameRules.isEmpty
            && leastMembers == 0 && mostMembers == nil
    }
}

// MARK: More conditions at the same place

extension Facets {
    mutating func limit(least bound: NumberText.Bound, isLeast: Bool) {
        if isLeast {
            least = least.map { $0.isBelow(bound) || ($0.isSame(bound) && !bound.includesItself) ? bound : $0 } ?? bound
        } else {
            most = most.map { bound.isBelow($0) || ($0.isSame(bound) && !bound.includesItself) ? bound : $0 } ?? bound
        }
    }

    mutating func limit(values more: [JSON]) { values = values.map { $0.filter(more.contains) } ?? more }

    mutating func limit(mostItems count: Int) { mostItems = min(mostItems ?? count, count) }

    /// Joins the conditions on elements of another schema.
    mutating func limit(prefix more: [[Place]], items others: [Place]?) {
        let count = max(prefix.count, more.count)
        var joined: [[Place]] = []
        for index in 0..<count {
            guard let mine = index < prefix.count ? prefix[index] : items,
                let theirs = index < more.count ? more[index] : others
            else {
                limit(mostItems: index)
                break
            }
            joined.append(mine + theirs)
        }
        prefix = joined
        if let mine = items, let others { items = mine + others } else { items = nil }
    }

    /// Joins the conditions on members of another schema, each of which holds for what the other names as well.
    mutating func limit(
        names more: [String],
        properties theirs: [String: [Place]],
        patterns: [(machine: CharacterMachine, places: [Place])],
        others rest: [Place]?
    ) throws(GrammarError) {
        guard patterns.isEmpty || others == [] && patternProperties.isEmpty, patternProperties.isEmpty || rest == []
        else {
            throw .unsupported(
                keyword: "patternProperties",
                path: path,
                why: "joined with other rules for the same members"
            )
        }
        for name in names where theirs[name] == nil {
            let matching = patterns.filter { $0.machine.contains(name) }.flatMap(\.places)
            properties[name, default: []] += matching.isEmpty ? rest ?? [.never] : matching
        }
        for name in more {
            if properties[name] == nil {
                names.append(name)
                let matching = patternProperties.filter { $0.machine.contains(name) }.flatMap(\.places)
                properties[name] = matching.isEmpty ? others ?? [.never] : matching
            }
            properties[name, default: []] += theirs[name] ?? []
            properties[name, default: []] += patterns.filter { $0.machine.contains(name) }.flatMap(\.places)
        }
        patternProperties += patterns
        if let mine = others, let rest { others = mine + rest } else { others = nil }
    }
}

extension Facets.Place {
    static let never = Facets.Place(schema: false, path: "false")
}
