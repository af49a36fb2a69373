/// A list or a tuple.
struct List {
    let items: [Value]
    let isTuple: Bool
    /// How deep lists and mappings nest in it; bounded, for every walk over a value recurses.
    let depth: UInt16

    init(_ items: [Value], isTuple: Bool = false) throws {
        self.items = items
        self.isTuple = isTuple
        depth = try nesting(items)
    }

    /// For elements known to nest little, such as those of parsed JSON.
    init(unchecked items: [Value], isTuple: Bool = false, depth: UInt16? = nil) {
        self.items = items
        self.isTuple = isTuple
        self.depth = depth ?? 1 + (items.lazy.map(\.depth).max() ?? 0)
    }
}

/// A dictionary in the order its keys were first written.
final class Mapping {
    let keys: [Value]
    let values: [Value]
    let depth: UInt16

    init(_ members: OrderedObject) {
        keys = members.keys.map(Value.string)
        values = members.values.map(Value.init)
        depth = 1 + (values.lazy.map(\.depth).max() ?? 0)
    }

    /// Of two entries with one key the last wins, at the place of the first.
    init(_ entries: [(Value, Value)]) throws {
        var keys: [Value] = []
        var values: [Value] = []
        for (key, value) in entries {
            if let position = keys.firstIndex(where: { $0.isSameKey(as: key) }) {
                values[position] = value
            } else {
                keys.append(try key.asKey())
                values.append(value)
            }
        }
        depth = try nesting(values)
        (self.keys, self.values) = (keys, values)
    }

    subscript(name: String) -> Value? {
        for (position, key) in keys.enumerated() {
            if case .string(let text) = key, text.isIdentical(to: name) { return values[position] }
        }
        return nil
    }

    subscript(key: Value) -> Value? {
        if case .string(let name) = key { return self[name] }
        return keys.firstIndex { $0.isSameKey(as: key) }.map { values[$0] }
    }

    var pairs: [Value] {
        zip(keys, values).map { .list(List(unchecked: [$0, $1], isTuple: true)) }
    }
}

/// `namespace(…)`: the one thing a template can change, and so the way out of a loop's scope.
final class Namespace {
    private(set) var members: [(name: String, value: Value)] = []

    subscript(name: String) -> Value? {
        get { members.first { $0.name.isIdentical(to: name) }?.value }
        set {
            let position = members.firstIndex { $0.name.isIdentical(to: name) }
            switch (position, newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): members.append((name, value))
            case (_, nil): break
            }
        }
    }

    /// Namespaces may hold each other; whoever made one empties it in the end.
    func removeAll() { members = [] }
}

/// Something that can be called.
struct Function {
    let name: String
    let body: (inout Scope, Arguments) throws -> Value
}

extension Value {
    /// The most that lists and mappings may nest.
    static let depthLimit: UInt16 = 150

    var depth: UInt16 {
        switch self {
        case .list(let list): list.depth
        case .mapping(let mapping): mapping.depth
        default: 0
        }
    }

    static func list(_ items: [Value]) throws -> Value { .list(try List(items)) }
    static func strings(_ texts: [String]) -> Value {
        .list(List(unchecked: texts.map(Value.string), depth: 1))
    }

    /// Keys are strings, numbers, booleans and none.
    func asKey() throws -> Value {
        switch self {
        case .string, .integer, .float, .bool, .none: self
        default: throw missing ?? .evaluation("a \(kind.rawValue) cannot be a key")
        }
    }

    func isSameKey(as other: Value) -> Bool {
        switch (self, other) {
        case (.string(let a), .string(let b)): a.isIdentical(to: b)
        case (.none, .none): true
        default: number.map { $0 == other.number } ?? false
        }
    }
}

private func nesting(_ items: [Value]) throws -> UInt16 {
    let depth = items.lazy.map(\.depth).max() ?? 0
    guard depth < Value.depthLimit else {
        throw TemplateError.limit("lists nest deeper than \(Value.depthLimit) levels")
    }
    return depth + 1
}
