extension Library {
    static let selectingFilters: [String: Filter] = [
        "map": map,
        "select": { try select(&$0, $1, $2, keeps: true, byAttribute: false) },
        "reject": { try select(&$0, $1, $2, keeps: false, byAttribute: false) },
        "selectattr": { try select(&$0, $1, $2, keeps: true, byAttribute: true) },
        "rejectattr": { try select(&$0, $1, $2, keeps: false, byAttribute: true) },
        "groupby": group,
        "attr": { scope, value, arguments in
            guard let name = arguments.positional.first else { throw TemplateError.evaluation("'attr' needs a name") }
            let attribute = try name.requireString("attr")
            guard case .mapping = value else { return value.attribute(attribute) }
            let method = Method(rawValue: attribute).flatMap { $0.appliesToMappings ? value.bound($0) : nil }
            return method ?? .undefined(name: attribute, of: .mapping)
        },
    ]

    private static func map(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let items = try value.isTrue ? value.items(&scope) : []
        try scope.budget.spend(steps: items.count * 4)
        if let path = arguments["attribute"] {
            let standard = arguments["default"]
            return try .list(items.map { try $0.along(path, standard: standard, &scope) })
        }
        var rest = arguments
        guard !rest.positional.isEmpty else { throw TemplateError.evaluation("'map' needs a filter or an attribute") }
        let name = try rest.positional.removeFirst().requireString("map")
        guard let filter = filters[name] else { throw TemplateError.evaluation("there is no filter '\(name)'") }
        return try .list(items.map { try filter(&scope, $0, rest) })
    }

    private static func select(
        _ scope: inout Scope,
        _ value: Value,
        _ arguments: Arguments,
        keeps: Bool,
        byAttribute: Bool
    ) throws -> Value {
        var rest = arguments
        let path: Value? = byAttribute && !rest.positional.isEmpty ? rest.positional.removeFirst() : nil
        if byAttribute, path == nil { throw TemplateError.evaluation("an attribute's name is needed") }
        var test: Test?
        if !rest.positional.isEmpty {
            let name = try rest.positional.removeFirst().requireString("select")
            test = tests[name]
            if test == nil { throw TemplateError.evaluation("there is no test '\(name)'") }
        }
        let items = try value.isTrue ? value.items(&scope) : []
        try scope.budget.spend(steps: items.count * 4)
        return try .list(
            items.filter { item in
                let subject = try item.along(path, &scope)
                return try (test.map { try $0(&scope, subject, rest) } ?? subject.isTrue) == keeps
            }
        )
    }

    private static func group(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "attribute", "default", "case_sensitive", of: "groupby")
        var groups: [(key: Value, items: [Value])] = []
        for item in try value.items(&scope) {
            let found = try item.along(bound[0], &scope)
            let key = found.isUndefined ? bound[1] ?? found : found
            try scope.budget.spend(steps: groups.count)
            let position = try groups.firstIndex { try $0.key.isEqual(to: key, &scope.budget) }
            if let position { groups[position].items.append(item) } else { groups.append((key, [item])) }
        }
        let sorted = try filters["sort"].map { sort in
            let pairs = try groups.map { try Value.list([$0.key, .list($0.items)]) }
            return try sort(&scope, .list(pairs), Arguments(named: [("attribute", .integer(0))]))
        }
        return try .list(
            (sorted ?? .none).items(&scope).map { pair in
                .list(try List(try pair.items(&scope), isTuple: true))
            }
        )
    }
}
