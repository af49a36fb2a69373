extension Library {
    static let listFilters: [String: Filter] = [
        "length": length,
        "count": length,
        "list": { scope, value, _ in try .list(value.items(&scope)) },
        "first": { scope, value, _ in try value.items(&scope).first ?? .undefined(name: "first", of: value.kind) },
        "last": { scope, value, _ in try value.items(&scope).last ?? .undefined(name: "last", of: value.kind) },
        "reverse": reverse,
        "items": items,
        "join": join,
        "sort": sort,
        "dictsort": sortMapping,
        "unique": unique,
        "min": { try extreme(&$0, $1, $2) { try $1.isLess(than: $2, &$0.budget) } },
        "max": { try extreme(&$0, $1, $2) { try $2.isLess(than: $1, &$0.budget) } },
        "sum": sum,
        "batch": batch,
        "slice": slice,
    ]

    private static func length(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        switch value {
        case .string(let text):
            try scope.budget.spend(bytes: text.utf8.count)
            return .integer(text.scalarCount)
        case .list(let list): return .integer(list.items.count)
        case .mapping(let mapping): return .integer(mapping.keys.count)
        case .undefined: return .integer(0)
        case .loop(let loop): return .integer(loop.items.count)
        default: throw TemplateError.evaluation("a \(value.kind.rawValue) has no length")
        }
    }

    private static func reverse(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        if case .string(let text) = value {
            try scope.budget.spend(bytes: text.utf8.count)
            return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
        }
        return try .list(value.items(&scope).reversed())
    }

    private static func items(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        switch value {
        case .mapping(let mapping): return try .list(mapping.pairs)
        case .undefined: return try .list([])
        default: throw TemplateError.evaluation("only a mapping has items, not a \(value.kind.rawValue)")
        }
    }

    private static func join(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "d", "attribute", of: "join")
        let separator = try bound[0]?.text(&scope.budget) ?? ""
        var text = ""
        for (index, item) in try value.items(&scope).enumerated() {
            let part = try item.along(bound[1], &scope).text(&scope.budget)
            try scope.budget.spend(bytes: separator.utf8.count + part.utf8.count + 1)
            text += index > 0 ? separator + part : part
        }
        return .string(text)
    }

    private static func sort(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "reverse", "case_sensitive", "attribute", of: "sort")
        let keyed = try value.items(&scope).map { item in
            (key: try item.along(bound[2], &scope).sortKey(bound[1]), item: item)
        }
        return try .list(keyed.sorted(descending: bound[0]?.isTrue ?? false, &scope).map(\.item))
    }

    private static func sortMapping(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "case_sensitive", "by", "reverse", of: "dictsort")
        guard case .mapping(let mapping) = value else {
            throw value.missing ?? .evaluation("only a mapping can be sorted by key, not a \(value.kind.rawValue)")
        }
        let by = bound[1]?.string == "value" ? mapping.values : mapping.keys
        let keyed = zip(by, mapping.pairs).map { (key: $0.sortKey(bound[0]), item: $1) }
        return try .list(keyed.sorted(descending: bound[2]?.isTrue ?? false, &scope).map(\.item))
    }

    private static func unique(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "case_sensitive", "attribute", of: "unique")
        var keys: [Value] = []
        var kept: [Value] = []
        for item in try value.items(&scope) {
            let key = try item.along(bound[1], &scope).sortKey(bound[0])
            try scope.budget.spend(steps: keys.count)
            if try keys.contains(where: { try $0.isEqual(to: key, &scope.budget) }) { continue }
            keys.append(key)
            kept.append(item)
        }
        return try .list(kept)
    }

    private static func extreme(
        _ scope: inout Scope,
        _ value: Value,
        _ arguments: Arguments,
        _ isBetter: (inout Scope, Value, Value) throws -> Bool
    ) throws -> Value {
        let bound = try arguments.bound(to: "case_sensitive", "attribute", of: "min")
        var best: (key: Value, item: Value)?
        for item in try value.items(&scope) {
            let key = try item.along(bound[1], &scope).sortKey(bound[0])
            if let best, try !isBetter(&scope, key, best.key) { continue }
            best = (key, item)
        }
        return best?.item ?? .undefined(name: "an extreme", of: value.kind)
    }

    private static func sum(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "attribute", "start", of: "sum")
        var sum = bound[1] ?? .integer(0)
        for item in try value.items(&scope) { sum = try sum.adding(try item.along(bound[0], &scope), &scope) }
        return sum
    }

    private static func batch(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "linecount", "fill_with", of: "batch")
        guard let count = try bound[0]?.requireInteger("batch"), count > 0, count <= 100_000 else {
            throw TemplateError.evaluation("'batch' needs a size from 1 to 100000")
        }
        let items = try value.items(&scope)
        let rows = try stride(from: 0, to: items.count, by: count).map { start in
            var row = Array(items[start..<min(start + count, items.count)])
            if let fill = bound[1], !fill.isNone { row += Array(repeating: fill, count: count - row.count) }
            return try Value.list(row)
        }
        return try .list(rows)
    }

    private static func slice(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "slices", "fill_with", of: "slice")
        guard let count = try bound[0]?.requireInteger("slice"), count > 0, count <= 100_000 else {
            throw TemplateError.evaluation("'slice' needs a number of slices from 1 to 100000")
        }
        let items = try value.items(&scope)
        try scope.budget.spend(steps: count)
        let (each, extra) = items.count.quotientAndRemainder(dividingBy: count)
        let columns = try (0..<count).map { column in
            let start = column * each + min(column, extra)
            var row = Array(items[start..<(start + each + (column < extra ? 1 : 0))])
            if let fill = bound[1], !fill.isNone, column >= extra, extra > 0 { row.append(fill) }
            return try Value.list(row)
        }
        return try .list(columns)
    }
}

extension Value {
    /// What a dotted path of members and indices leads to; the value itself without one.
    ///
    /// - Parameter standard: what to go on with wherever the path leads to nothing.
    func along(_ path: Value?, standard: Value? = nil, _ scope: inout Scope) throws -> Value {
        switch path {
        case nil, .some(.none): return self
        case .integer?: return try element(path ?? .none, &scope)
        default:
            let names = try path?.text(&scope.budget).pieces(separator: ".") ?? []
            try scope.budget.spend(steps: names.count)
            return try names.reduce(self) { value, name in
                let next = try value.element(Int(name).map(Value.integer) ?? .string(name), &scope)
                return next.isUndefined ? standard ?? next : next
            }
        }
    }

    /// Letters compare alike in both cases unless the template asks otherwise.
    fileprivate func sortKey(_ isCaseSensitive: Value?) -> Value {
        guard case .string(let text) = self, !(isCaseSensitive?.isTrue ?? false) else { return self }
        return .string(text.lowercased())
    }
}

extension [(key: Value, item: Value)] {
    /// A stable merge sort, for comparing may throw and `sorted` does not promise stability.
    fileprivate func sorted(descending: Bool, _ scope: inout Scope) throws -> Self {
        guard count > 1 else { return self }
        var left = try Array(self[..<(count / 2)]).sorted(descending: descending, &scope)[...]
        var right = try Array(self[(count / 2)...]).sorted(descending: descending, &scope)[...]
        var merged: Self = []
        try scope.budget.spend(steps: count)
        while let a = left.first, let b = right.first {
            let (first, second) = descending ? (a, b) : (b, a)
            if try first.key.isLess(than: second.key, &scope.budget) {
                merged.append(right.removeFirst())
            } else {
                merged.append(left.removeFirst())
            }
        }
        return merged + left + right
    }
}
