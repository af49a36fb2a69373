extension Library {
    static let textFilters: [String: Filter] = [
        "upper": shape { $0.uppercased() },
        "lower": shape { $0.lowercased() },
        "capitalize": shape { $0.capitalizedFirst },
        "title": shape { $0.titled(startsAfter: { "-([{<".unicodeScalars.contains($0) }) },
        "trim": trim,
        "replace": replace,
        "string": shape { $0 },
        "safe": shape { $0 },
        "escape": shape { escaped($0) },
        "e": shape { escaped($0) },
        "forceescape": shape { escaped($0) },
        "urlencode": shape { $0.percentEncoded },
        "indent": indent,
        "wordcount": countWords,
        "format": format,
        "center": center,
        "truncate": truncate,
        "tojson": toJSON,
    ]

    /// A filter without arguments that turns text into text.
    private static func shape(_ body: @escaping @Sendable (String) -> String) -> Filter {
        { scope, value, _ in
            let text = try value.text(&scope.budget)
            try scope.budget.spend(bytes: text.utf8.count)
            return .string(body(text))
        }
    }

    private static func countWords(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        .integer(try value.text(&scope.budget).words().count)
    }

    private static func format(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        .string(try value.text(&scope.budget).formatted(arguments.positional, &scope))
    }

    private static func trim(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let characters = try arguments.bound(to: "chars", of: "trim")[0]
        let text = try value.text(&scope.budget)
        try scope.budget.spend(bytes: text.utf8.count)
        return .string(try text.stripped(characters, leading: true, trailing: true))
    }

    private static func replace(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let text = try value.text(&scope.budget)
        try scope.budget.spend(bytes: text.utf8.count)
        return try text.replacing(try arguments.bound(to: "old", "new", "count", of: "replace"), &scope)
    }

    private static func escaped(_ text: String) -> String {
        [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ("\"", "&#34;")]
            .reduce(text) { $0.replacing(bytesOf: $1.0, with: $1.1) }
    }

    private static func indent(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "width", "first", "blank", of: "indent")
        let width = try bound[0]?.string ?? " ".repeated(min(try bound[0]?.requireInteger("indent") ?? 4, 1_000))
        let lines = try value.text(&scope.budget).pieces(separator: "\n")
        try scope.budget.spend(bytes: width.utf8.count, times: lines.count)
        let blank = bound[2]?.isTrue ?? false
        let indented = lines.enumerated().map { index, line in
            if index == 0 { return (bound[1]?.isTrue ?? false ? width : "") + line }
            return (line.isEmpty && !blank ? "" : width) + line
        }
        return .string(indented.joined(separator: "\n"))
    }

    private static func center(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let asked = try arguments.bound(to: "width", of: "center")[0]?.requireInteger("center") ?? 80
        let width = min(max(asked, 0), 10_000)
        let text = try value.text(&scope.budget)
        let space = max(0, width - text.scalarCount)
        let left = space / 2 + (space & width & 1)
        return .string(" ".repeated(left) + text + " ".repeated(space - left))
    }

    private static func truncate(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let bound = try arguments.bound(to: "length", "killwords", "end", "leeway", of: "truncate")
        let text = try value.text(&scope.budget)
        let length = try bound[0]?.requireInteger("truncate").clamped ?? 255
        let end = try bound[2]?.requireString("truncate") ?? "..."
        let leeway = try bound[3]?.requireInteger("truncate").clamped ?? 5
        guard text.scalarCount > length + leeway else { return .string(text) }
        let kept = String(text.unicodeScalars.prefix(max(0, length - end.scalarCount)))
        if bound[1]?.isTrue ?? false { return .string(kept + end) }
        return .string((kept.piecesFromEnd(separator: " ", limit: 1).first ?? kept) + end)
    }

    /// As the reference renders it for chat templates: neither escaped for HTML nor limited to ASCII.
    private static func toJSON(_ scope: inout Scope, _ value: Value, _ arguments: Arguments) throws -> Value {
        let names = ["ensure_ascii", "indent", "separators", "sort_keys"]
        // By position the reference's own first argument is the indent, its override's is `ensure_ascii`.
        let bound = try arguments.bound(to: names, of: "tojson")
        var style = JSONStyle.python
        style.escapesNonASCII = bound[0]?.isTrue ?? false
        if let indent = bound[1], !indent.isNone {
            style.indent = try indent.string ?? " ".repeated(min(try indent.requireInteger("tojson"), 100))
            style.itemSeparator = ","
        }
        if case .list(let separators) = bound[2], separators.items.count == 2 {
            style.itemSeparator = try separators.items[0].requireString("tojson")
            style.keySeparator = try separators.items[1].requireString("tojson")
        }
        style.sortsKeys = bound[3]?.isTrue ?? false
        var writer = JSONWriter(style: style)
        try writer.write(value, &scope.budget)
        return .string(writer.output)
    }
}

extension Int {
    /// Within what texts can be long, so that arithmetic on it cannot overflow.
    fileprivate var clamped: Int { Swift.min(Swift.max(self, 0), 1 << 40) }
}

extension JSONWriter {
    mutating func write(_ value: Value, _ budget: inout Budget) throws {
        try budget.spend(steps: 1)
        switch value {
        case .none: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .float(let value): write(value)
        case .string(let text):
            try budget.spend(bytes: text.utf8.count)
            write(text)
        case .list(let list):
            open("[")
            for (index, item) in list.items.enumerated() {
                separate(index)
                try write(item, &budget)
            }
            close("]", isEmpty: list.items.isEmpty)
        case .mapping(let mapping): try write(mapping, &budget)
        case .undefined: throw value.missing ?? .evaluation("what is undefined has no JSON")
        case .namespace, .loop, .function: throw TemplateError.evaluation("a \(value.kind.rawValue) has no JSON")
        }
    }

    private mutating func write(_ mapping: Mapping, _ budget: inout Budget) throws {
        var pairs = try zip(mapping.keys, mapping.values).map { (try $0.memberName(&budget), $1) }
        if style.sortsKeys { pairs.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) } }
        open("{")
        for (index, (name, value)) in pairs.enumerated() {
            separate(index)
            write(name)
            append(style.keySeparator)
            try write(value, &budget)
        }
        close("}", isEmpty: pairs.isEmpty)
    }
}

extension Value {
    var isNone: Bool { if case .none = self { true } else { false } }

    /// A key as the name of a JSON object's member.
    fileprivate func memberName(_ budget: inout Budget) throws -> String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .none: "null"
        default: try text(&budget)
        }
    }
}
