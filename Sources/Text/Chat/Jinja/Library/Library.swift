typealias Filter = @Sendable (inout Scope, Value, Arguments) throws -> Value
typealias Test = @Sendable (inout Scope, Value, Arguments) throws -> Bool

/// What templates find without defining it.
enum Library {
    static let filters: [String: Filter] =
        textFilters
        .merging(listFilters) { $1 }
        .merging(selectingFilters) { $1 }
        .merging(scalarFilters) { $1 }

    static let tests: [String: Test] = kindTests.merging(comparingTests) { $1 }

    /// Functions by name.
    static func global(_ name: String) -> Value? { globals[name].map(Value.function) }

    private nonisolated(unsafe) static let globals: [String: Function] = Dictionary(
        uniqueKeysWithValues: [
            function("range", range),
            function("namespace", namespace),
            function("dict", dictionary),
            function("raise_exception", raise),
            function("strftime_now", formatNow),
            function("joiner", joiner),
            function("cycler", cycler),
        ]
    )

    private static func function(
        _ name: String,
        _ body: @escaping (inout Scope, Arguments) throws -> Value
    ) -> (String, Function) {
        (name, Function(name: name, body: body))
    }
}

extension Library {
    private static func range(_ scope: inout Scope, _ arguments: Arguments) throws -> Value {
        let bounds = try arguments.bound(to: "start", "stop", "step", of: "range")
        let integers = try bounds.compactMap { try $0?.requireInteger("range") }
        guard !integers.isEmpty else { throw TemplateError.evaluation("'range' needs a bound") }
        let (start, stop) = integers.count == 1 ? (0, integers[0]) : (integers[0], integers[1])
        let step = integers.count == 3 ? integers[2] : 1
        guard step != 0 else { throw TemplateError.evaluation("'range' needs a step other than 0") }
        var items: [Value] = []
        for value in stride(from: start, to: stop, by: step) {
            try scope.budget.spend(steps: 1)
            guard items.count < 100_000 else { throw TemplateError.limit("a range has more than 100000 numbers") }
            items.append(.integer(value))
        }
        return .list(List(unchecked: items, depth: 1))
    }

    private static func namespace(_ scope: inout Scope, _ arguments: Arguments) throws -> Value {
        let namespace = try scope.makeNamespace()
        for (name, value) in try entries(arguments) { namespace[name] = value }
        return .namespace(namespace)
    }

    private static func dictionary(_ scope: inout Scope, _ arguments: Arguments) throws -> Value {
        .mapping(try Mapping(try entries(arguments).map { (.string($0), $1) }))
    }

    /// The entries of one mapping or list of pairs, and the named arguments.
    private static func entries(_ arguments: Arguments) throws -> [(String, Value)] {
        guard arguments.positional.count <= 1 else { throw TemplateError.evaluation("at most one mapping is taken") }
        var entries: [(String, Value)] = []
        switch arguments.positional.first {
        case nil: break
        case .mapping(let mapping):
            for (key, value) in zip(mapping.keys, mapping.values) {
                entries.append((try key.requireString("a key"), value))
            }
        case .list(let list):
            for case .list(let pair) in list.items where pair.items.count == 2 {
                entries.append((try pair.items[0].requireString("a key"), pair.items[1]))
            }
        case let value?: throw TemplateError.evaluation("a \(value.kind.rawValue) has no members to copy")
        }
        return entries + arguments.named.map { ($0.name, $0.value) }
    }

    private static func raise(_ scope: inout Scope, _ arguments: Arguments) throws -> Value {
        throw TemplateError(.refused, try arguments.positional.first?.text(&scope.budget) ?? "the template refused")
    }

    private static func formatNow(_ scope: inout Scope, _ arguments: Arguments) throws -> Value {
        let format = try arguments.bound(to: "format", of: "strftime_now")[0]?.requireString("strftime_now") ?? ""
        let text = scope.clock.formatted(format)
        try scope.budget.spend(bytes: text.utf8.count)
        return .string(text)
    }

    private static func joiner(_ scope: inout Scope, _ arguments: Arguments) throws -> Value {
        let separator = try arguments.bound(to: "sep", of: "joiner")[0] ?? .string(", ")
        var isFirst = true
        return .function(
            Function(name: "joiner") { _, _ in
                defer { isFirst = false }
                return isFirst ? .string("") : separator
            }
        )
    }

    private static func cycler(_ scope: inout Scope, _ arguments: Arguments) throws -> Value {
        let choices = arguments.positional
        guard !choices.isEmpty else { throw TemplateError.evaluation("'cycler' needs arguments") }
        let namespace = try scope.makeNamespace()
        var index = 0
        namespace["current"] = choices[0]
        namespace["next"] = .function(
            Function(name: "next") { [unowned namespace] _, _ in
                defer {
                    index = (index + 1) % choices.count
                    namespace["current"] = choices[index]
                }
                return choices[index]
            }
        )
        namespace["reset"] = .function(
            Function(name: "reset") { [unowned namespace] _, _ in
                index = 0
                namespace["current"] = choices[0]
                return .none
            }
        )
        return .namespace(namespace)
    }
}

extension Value {
    func requireString(_ user: String) throws -> String {
        guard case .string(let text) = self else {
            throw missing ?? .evaluation("'\(user)' needs a str, not a \(kind.rawValue)")
        }
        return text
    }

    func requireInteger(_ user: String) throws -> Int {
        guard let integer else { throw missing ?? .evaluation("'\(user)' needs an int, not a \(kind.rawValue)") }
        return integer
    }
}
