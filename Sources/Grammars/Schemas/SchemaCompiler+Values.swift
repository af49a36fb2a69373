import Foundation
import Text

// MARK: Strings

extension SchemaCompiler {
    mutating func stringExpression(_ facets: Facets) throws(GrammarError) -> Expression {
        if facets.patterns.isEmpty, facets.formats.isEmpty {
            let (least, most) = (facets.leastLength, facets.mostLength)
            if least == 0, most == nil { return .rule(words.string) }
            guard least <= most ?? least else { return .never }
            let name = "string of \(least) to \(most.map(String.init) ?? "any number of") characters"
            return shared(name, words.text.string(ofLength: least, most))
        }
        let conditions = facets.patterns.map(\.source) + facets.formats.map { "format " + $0.name }
        let name = "string \(facets.leastLength) \(facets.mostLength ?? -1) \(conditions)"
        let machine = try stringMachine(facets), text = words.text
        return try shared(
            name,
            at: facets.path,
            GrammarError.naming("the text", at: facets.path) { () throws(GrammarError) in try text.string(machine) }
        )
    }

    /// The texts that the facets take.
    func stringMachine(_ facets: Facets) throws(GrammarError) -> CharacterMachine {
        guard !facets.isNever else { return .oneOf([]) }
        if let values = facets.values {
            var texts: [String] = []
            for value in values where try admits(value, facets) { texts += [value.string].compactMap(\.self) }
            return .oneOf(texts)
        }
        guard facets.kinds.contains(.string) else { return .oneOf([]) }
        var machine = CharacterMachine.anything
        for (source, path) in facets.patterns {
            let pattern = try Pattern.machine(source, .part, path: path)
            machine = try GrammarError.naming("the pattern", at: path) { () throws(GrammarError) in
                try machine.intersection(pattern)
            }
        }
        for (name, path) in facets.formats {
            let format = try Formats.machine(name, path: path)
            machine = try GrammarError.naming("'format'", at: path) { () throws(GrammarError) in
                try machine.intersection(format)
            }
        }
        guard facets.leastLength > 0 || facets.mostLength != nil else { return machine }
        guard facets.leastLength <= facets.mostLength ?? .max else { return .oneOf([]) }
        let keyword = facets.mostLength == nil ? "'minLength'" : "'maxLength'"
        return try GrammarError.naming(keyword, at: facets.path) { () throws(GrammarError) in
            try machine.intersection(.length(facets.leastLength, facets.mostLength))
        }
    }
}

// MARK: Numbers

extension SchemaCompiler {
    func numberMachine(_ facets: Facets) throws(GrammarError) -> CharacterMachine {
        if let divisor = try facets.divisor {
            return try GrammarError.naming("'multipleOf'", at: divisor.path) { () throws(GrammarError) in
                try divisor.multiples(facets)
            }
        }
        if facets.isIntegral {
            let (least, most) = (facets.leastInteger, facets.mostInteger)
            return least == nil && most == nil ? NumberText.integer : try NumberText.integers(least, most)
        }
        guard facets.least != nil || facets.most != nil || facets.hasFarBound else { return NumberText.any }
        return try NumberText.numbers(facets.least, facets.most)
    }

    /// Whether one of the values of an `enum` keeps what else is asked.
    func admits(_ value: JSON, _ facets: Facets) throws(GrammarError) -> Bool {
        let kind = Facets.Kind(value)
        guard facets.kinds.contains(kind) else { return false }
        switch kind {
        case .null, .boolean: return true
        case .string:
            var facets = facets
            facets.values = nil
            return try stringMachine(facets).contains(value.string ?? "")
        case .number: return admits(number: value, facets)
        case .array, .object:
            var rest = facets
            (rest.values, rest.kinds) = (nil, Set(Facets.Kind.allCases))
            guard rest.isFree else {
                let why = "beside keywords for arrays or objects; list only values that keep them, without these"
                throw .unsupported(keyword: "enum", path: facets.path, why: why)
            }
            return true
        }
    }

    private func admits(number value: JSON, _ facets: Facets) -> Bool {
        let number = value.double ?? 0
        if facets.isIntegral, number != number.rounded() { return false }
        guard let own = NumberText.Bound(value, includesItself: true) else {
            return facets.least == nil && facets.most == nil && !facets.hasFarBound && facets.divisors.isEmpty
        }
        let isLow = facets.least.map { own.isBelow($0) || own.isSame($0) && !$0.includesItself } ?? false
        let isHigh = facets.most.map { $0.isBelow(own) || own.isSame($0) && !$0.includesItself } ?? false
        return !isLow && !isHigh && facets.divisors.allSatisfy { $0.divides(own) }
    }
}

// MARK: Arrays

extension SchemaCompiler {
    mutating func arrayExpression(_ facets: Facets) throws(GrammarError) -> Expression {
        let (least, most) = (facets.leastItems, facets.mostItems)
        guard least <= most ?? least else { return .never }
        let places = facets.prefix.prefix(most ?? .max)
        var prefix: [Expression] = []
        for element in places { prefix.append(try expression(element)) }
        var rest: Expression?
        if places.count == facets.prefix.count, let items = facets.items { rest = try expression(items) }
        if prefix.isEmpty {
            guard let rest, most != 0 else { return least == 0 ? words.text.array(.never, canBeEmpty: true) : .never }
            prefix = [rest]
        }
        let count = prefix.count
        guard rest != nil || least <= count else { return .never }
        var tail =
            rest.map { item in
                Expression.repeated(
                    .sequence([words.text.comma, item]),
                    least: max(0, least - count),
                    most: most.map { max(0, $0 - count) }
                )
            } ?? .empty
        for (index, element) in prefix.enumerated().reversed() where index > 0 {
            let part = Expression.sequence([words.text.comma, element, tail])
            tail = index < least ? part : .optional(part)
        }
        return words.text.array(.sequence([prefix[0], tail]), canBeEmpty: least == 0)
    }
}

// MARK: Objects

extension SchemaCompiler {
    mutating func objectExpression(_ facets: Facets) throws(GrammarError) -> Expression {
        let facets = facets.closed
        let names =
            facets.nameRules.isEmpty ? CharacterMachine.anything : try stringMachine(reader.facets(facets.nameRules))
        var parts: [Expression.Part] = []
        for name in facets.names where names.contains(name) || facets.required.contains(name) {
            let key = try words.text.key(name), value = try expression(facets.properties[name] ?? [])
            let member = Expression.sequence([key, words.text.space, names.contains(name) ? value : .never])
            parts.append(.init(member, isRequired: facets.required.contains(name)))
        }
        if reader.care != .lenient { try facets.requireCounts() }
        let other = try GrammarError.naming("the names of members", at: facets.path) { () throws(GrammarError) in
            try otherMember(facets, names)
        }
        if let other {
            let most = facets.isBounded ? facets.mostMembers : nil
            let another = Expression.sequence([words.text.comma, other])
            let more = Expression.repeated(another, least: 0, most: most.map { max(0, $0 - 1) })
            if most != 0 { parts.append(.init(.sequence([other, more]), isRequired: false)) }
        }
        let isRequired = parts.contains(where: \.isRequired) || facets.leastMembers > 0
        let members = Expression.list(parts, separator: words.text.comma, canBeEmpty: false)
        return words.text.object(members, canBeEmpty: !isRequired)
    }

    /// A member that is not named; nil where there may be none.
    private mutating func otherMember(_ facets: Facets, _ names: CharacterMachine) throws(GrammarError) -> Expression? {
        let unnamed =
            facets.names.isEmpty ? names : try names.intersection(CharacterMachine.oneOf(facets.names).complement)
        func member(_ key: Expression, _ value: Expression) -> Expression {
            .sequence([key, words.text.space, value])
        }
        var choices: [Expression] = [], free = unnamed
        for (index, own) in facets.patternProperties.enumerated() {
            var machine = try unnamed.intersection(own.machine)
            for (other, rival) in facets.patternProperties.enumerated() where other != index {
                machine = try machine.intersection(rival.machine.complement)
            }
            free = try free.intersection(own.machine.complement)
            let key = try words.text.key(machine, string: .rule(words.string))
            choices.append(member(key, try expression(own.places)))
        }
        if let others = facets.others {
            let key = try words.text.key(free == .anything ? nil : free, string: .rule(words.string))
            choices.append(member(key, try expression(others)))
        }
        return choices.isEmpty ? nil : shared("\(facets.path) (members, \(grammar.rules.count))", .choice(choices))
    }
}

extension Facets {
    mutating func addProperty(_ name: String, _ places: [Place]) {
        names.append(name)
        properties[name] = places
    }

    /// With a name for every member that is required; those that have one are all where nothing is said of others.
    var closed: Facets {
        var facets = self
        if !speaksOfOthers, namesMembers || !patternProperties.isEmpty {
            for name in required where facets.properties[name] == nil { facets.addProperty(name, others ?? []) }
            facets.others = nil
        }
        for name in required where facets.properties[name] == nil {
            let matching = patternProperties.filter { $0.machine.contains(name) }.flatMap(\.places)
            facets.addProperty(name, matching.isEmpty ? facets.others ?? [.never] : matching)
        }
        return facets
    }

    // Counts of members are kept where nothing needs to be counted, or nothing else.

    private var isOpen: Bool { others != nil || !patternProperties.isEmpty }

    /// Whether members are counted, none of which has a name of its own.
    var isBounded: Bool { mostMembers != nil && isOpen && names.isEmpty }

    var keepsLeastMembers: Bool { leastMembers <= max(1, required.count) }

    var keepsMostMembers: Bool { mostMembers.map { isBounded || !isOpen && names.count <= $0 } ?? true }

    /// Throws where more or fewer members might be written than the counts allow.
    func requireCounts() throws(GrammarError) {
        guard keepsLeastMembers else {
            let why = "more than 'required' has cannot be counted"
            throw .unsupported(keyword: "minProperties", path: path, why: why)
        }
        guard keepsMostMembers else {
            let why = "members with names of their own cannot be counted; leave some out of 'properties'"
            throw .unsupported(keyword: "maxProperties", path: path, why: why)
        }
    }
}
