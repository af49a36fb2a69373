package import Text

/// Turns a JSON Schema (draft 2020-12, and what of older drafts is still written) into a grammar.
///
/// Every text of the grammar is valid; not every valid text is of the grammar: members come in the order of the schema, and
/// spaces, escapes and digits are limited. A keyword that could not be kept is refused by its name and place.
package struct SchemaCompiler {
    private static let mostPlaces = 20_000, deepest = 256, mostAlternatives = 1024

    let reader: SchemaReader
    var grammar = Grammar()
    /// How values are spelt at this place, and what is known of values that are spelt so.
    private(set) var words: Words
    /// The same within lists and objects, where those are spelt otherwise.
    private var inner: Words?
    private var depth = 0, visited = 0

    struct Words {
        let text: ValueText
        /// The rules of any string and any value.
        let string: Int, anyValue: Int
        fileprivate var known: [String: Int] = [:]

        fileprivate init(_ text: ValueText, in grammar: inout Grammar) throws(GrammarError) {
            self.text = text
            string = grammar.add("string", text.string)
            anyValue = try grammar.addAnyValue(text, string: string)
        }
    }

    /// - Parameter root: the schema.
    package static func grammar(_ root: JSON, _ care: SchemaCare = .usual) throws(GrammarError) -> Grammar {
        var compiler = try SchemaCompiler(root, care)
        let whole = try compiler.expression([.init(schema: root, path: "#")])
        compiler.grammar.root = compiler.grammar.add("root", whole)
        return compiler.grammar
    }

    /// Any JSON object.
    package static func anyObject() throws(GrammarError) -> Grammar { try grammar(["type": "object"]) }

    /// - Parameter text: how values are spelt.
    init(_ root: JSON, _ care: SchemaCare, _ text: ValueText = .json) throws(GrammarError) {
        reader = SchemaReader(root, care)
        words = try Words(text, in: &grammar)
        if text.nestsJSON { inner = try Words(.json, in: &grammar) }
    }

    /// A list or an object, and what is in it.
    private mutating func nested(_ kind: Facets.Kind, _ facets: Facets) throws(GrammarError) -> Expression {
        let outer = words, isOuter = inner != nil
        if let inner { (words, self.inner) = (inner, nil) }
        defer { if isOuter { (words, inner) = (outer, words) } }
        return kind == .array ? try arrayExpression(facets) : try objectExpression(facets)
    }

    /// What all of these places take.
    mutating func expression(_ places: [Facets.Place]) throws(GrammarError) -> Expression {
        let places = places.filter { $0.schema != true }
        guard !places.isEmpty else { return .rule(words.anyValue) }
        let key = Set(places.map(\.path)).sorted().joined(separator: " ")
        if let rule = words.known[key] { return .rule(rule) }
        (depth, visited) = (depth + 1, visited + 1)
        defer { depth -= 1 }
        let place = "the schema at \(places[0].path)"
        guard depth <= Self.deepest else {
            throw .tooLarge("the whole nests deeper than \(Self.deepest) levels", place: place)
        }
        guard visited <= Self.mostPlaces else {
            throw .tooLarge("the whole has more than \(Self.mostPlaces) parts", place: place)
        }
        let facets = try reader.facets(places)
        guard !facets.isFree else { return .rule(words.anyValue) }
        if facets.isScalar { return try expression(facets) }
        let rule = grammar.add(places[0].path)
        words.known[key] = rule
        grammar[rule] = try expression(facets)
        return .rule(rule)
    }

    /// Memoised text that several places may have in common; `path` is the first of these.
    mutating func shared(_ name: String, at path: String? = nil, _ expression: Expression) -> Expression {
        if let rule = words.known[name] { return .rule(rule) }
        let rule = grammar.add(path ?? name, expression)
        words.known[name] = rule
        return .rule(rule)
    }

    /// What the facets take.
    mutating func expression(_ facets: Facets) throws(GrammarError) -> Expression {
        guard !facets.isNever else { return .never }
        guard facets.alternatives.isEmpty else { return try alternatives(facets) }
        if let values = facets.values {
            var kept: [Expression] = []
            for value in values where try admits(value, facets) { kept.append(try words.text.literal(value)) }
            return .choice(kept)
        }
        var choices: [Expression] = []
        for kind in Facets.Kind.allCases where facets.kinds.contains(kind) {
            switch kind {
            case .null: choices.append(words.text.null)
            case .boolean: choices += words.text.booleans
            case .number: choices.append(.text(try numberMachine(facets), .plain))
            case .string: choices.append(try stringExpression(facets))
            case .array, .object: choices.append(try nested(kind, facets))
            }
        }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }
}

// MARK: anyOf and oneOf

extension SchemaCompiler {
    private mutating func alternatives(_ facets: Facets) throws(GrammarError) -> Expression {
        var base = facets
        let group = base.alternatives.removeFirst()
        (depth, visited) = (depth + 1, visited + group.places.count)
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw .syntax("the schema refers to itself without a value in between", path: group.path)
        }
        guard visited <= Self.mostPlaces, group.places.count <= Self.mostAlternatives else {
            throw .tooLarge("it or the whole has too many cases", place: group.place)
        }
        var cases: [Facets] = [], choices: [Expression] = []
        for place in group.places {
            let joined = try reader.joined(base, place)
            cases.append(joined)
            choices.append(try base.isFree ? expression([place]) : expression(joined))
        }
        if group.isExclusive, reader.care != .lenient {
            try GrammarError.naming("'oneOf'", at: group.path) { () throws(GrammarError) in
                try requireDisjoint(cases, group.path)
            }
        }
        return .choice(choices)
    }

    /// `oneOf` is kept only where it is plain to see that no text of one case is valid in another.
    func requireDisjoint(_ cases: [Facets], _ path: String) throws(GrammarError) {
        guard cases.count <= 128 else { throw .tooLarge("it has more than 128 cases; use 'anyOf'") }
        for (index, one) in cases.enumerated() {
            for (other, another) in cases.enumerated() where other > index {
                guard try !areDisjoint(one, another) else { continue }
                let why = "cases \(index) and \(other) may hold at once; use 'anyOf', or tell them apart by a 'const'"
                throw .unsupported(keyword: "oneOf", path: path, why: why)
            }
        }
    }

    private func areDisjoint(_ a: Facets, _ b: Facets, depth: Int = 0) throws(GrammarError) -> Bool {
        if a.isNever || b.isNever { return true }
        for (one, other) in [(a, b), (b, a)] where !one.alternatives.isEmpty && depth < 4 {
            var base = one
            let group = base.alternatives.removeFirst()
            for place in group.places where try !areDisjoint(reader.joined(base, place), other, depth: depth + 1) {
                return false
            }
            return true
        }
        if let mine = a.values, let theirs = b.values { return !mine.contains(where: theirs.contains) }
        let common = a.ownKinds.intersection(b.ownKinds)
        for kind in common {
            let differ =
                switch kind {
                case .object: try differInMember(a, b) || (lacks(a, b) && lacks(b, a))
                case .number: a.isAbove(b) || b.isAbove(a)
                case .string: try stringMachine(a).intersection(stringMachine(b)).isEmpty
                default: false
                }
            guard differ else { return false }
        }
        return true
    }

    /// Whether objects of the one never have a member that the other asks for.
    private func lacks(_ a: Facets, _ b: Facets) -> Bool {
        let own = a.closed
        guard own.others == nil else { return false }
        return b.required.contains { name in
            !own.names.contains(name) && !own.patternProperties.contains { $0.machine.contains(name) }
        }
    }

    private func differInMember(_ a: Facets, _ b: Facets) throws(GrammarError) -> Bool {
        for name in a.required where b.required.contains(name) {
            let mine = try reader.facets(a.properties[name] ?? []), theirs = try reader.facets(b.properties[name] ?? [])
            if let ours = mine.values, let others = theirs.values {
                if !ours.contains(where: others.contains) { return true }
            } else if mine.ownKinds.isDisjoint(with: theirs.ownKinds) {
                return true
            }
        }
        return false
    }
}

extension Facets {
    /// The kinds of values that can be.
    fileprivate var ownKinds: Set<Kind> { values.map { kinds.intersection($0.map(Kind.init)) } ?? kinds }

    fileprivate func isAbove(_ other: Facets) -> Bool {
        guard let least, let most = other.most else { return false }
        return most.isBelow(least) || most.isSame(least) && !(most.includesItself && least.includesItself)
    }

    /// Whether it needs no rule of its own.
    fileprivate var isScalar: Bool {
        isNever || values.map { $0.count <= 64 } ?? (kinds.isDisjoint(with: [.object, .array]) && alternatives.isEmpty)
    }
}

extension Facets.Kind {
    init(_ value: JSON) {
        switch value {
        case .null: self = .null
        case .bool: self = .boolean
        case .integer, .number: self = .number
        case .string: self = .string
        case .array: self = .array
        case .object: self = .object
        }
    }
}
