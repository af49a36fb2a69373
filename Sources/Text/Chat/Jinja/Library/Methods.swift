/// The methods that strings, mappings and lists have. None changes the value it is called on.
enum Method: String, Sendable {
    case strip, lstrip, rstrip, split, rsplit, splitlines, startswith, endswith, upper, lower, title, capitalize
    case replace, find, rfind, join, format, count, index, isdigit, isalpha, isalnum, isspace, isupper, islower
    case removeprefix, removesuffix, zfill, ljust, rjust, partition, rpartition, casefold, swapcase, encode
    case items, keys, values, get, copy
    case append, extend, insert, pop, remove, clear, update, setdefault, reverse, sort, popitem

    var appliesToMappings: Bool {
        switch self {
        case .items, .keys, .values, .get, .copy, .pop, .clear, .update, .setdefault, .popitem: true
        default: false
        }
    }

    func applies(to value: Value) -> Bool {
        switch value {
        case .mapping: appliesToMappings
        case .string: !isOnlyForContainers
        case .list:
            switch self {
            case .index, .count, .copy, .append, .extend, .insert, .pop, .remove, .clear, .reverse, .sort: true
            default: false
            }
        default: false
        }
    }

    private var isOnlyForContainers: Bool {
        switch self {
        case .items, .keys, .values, .get, .copy, .append, .extend, .insert, .pop, .remove, .clear, .update,
            .setdefault, .reverse, .sort, .popitem:
            true
        default: false
        }
    }
}

extension Value {
    func bound(_ method: Method) -> Value {
        .function(Function(name: method.rawValue) { try call(method, $1, &$0) })
    }

    func call(_ method: Method, _ arguments: Arguments, _ scope: inout Scope) throws -> Value {
        switch self {
        case .string(let text):
            try scope.budget.spend(bytes: text.utf8.count)
            return try text.call(method, arguments, &scope)
        case .mapping(let mapping): return try mapping.call(method, arguments, &scope)
        case .list(let list): return try list.call(method, arguments, &scope)
        default: throw TemplateError.evaluation("a \(kind.rawValue) has no method '\(method.rawValue)'")
        }
    }
}

extension Mapping {
    fileprivate func call(_ method: Method, _ arguments: Arguments, _ scope: inout Scope) throws -> Value {
        try scope.budget.spend(steps: keys.count)
        switch method {
        case .items: return try .list(pairs)
        case .keys: return try .list(keys)
        case .values: return try .list(values)
        case .copy: return .mapping(self)
        case .get:
            let bound = try arguments.bound(to: "key", "default", of: "get")
            guard let key = bound[0] else { throw TemplateError.evaluation("'get' needs a key") }
            return try self[key.asKey()] ?? bound[1] ?? .none
        default: throw immutable(method)
        }
    }
}

extension List {
    fileprivate func call(_ method: Method, _ arguments: Arguments, _ scope: inout Scope) throws -> Value {
        let sought = arguments.positional.first
        switch (method, sought) {
        case (.copy, _): return .list(self)
        case (.count, let sought?):
            try scope.budget.spend(steps: items.count)
            return .integer(try items.count { try $0.isEqual(to: sought, &scope.budget) })
        case (.index, let sought?):
            try scope.budget.spend(steps: items.count)
            guard let index = try items.firstIndex(where: { try $0.isEqual(to: sought, &scope.budget) }) else {
                throw TemplateError.evaluation("the list does not contain what 'index' was asked for")
            }
            return .integer(index)
        case (.count, nil), (.index, nil): throw TemplateError.evaluation("'\(method.rawValue)' needs an argument")
        default: throw immutable(method)
        }
    }
}

/// The reference's sandbox refuses these too.
private func immutable(_ method: Method) -> TemplateError {
    .evaluation("'\(method.rawValue)' would change a value, which templates must not; use a namespace")
}
