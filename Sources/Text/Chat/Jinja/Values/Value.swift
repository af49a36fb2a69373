/// What an expression of a template evaluates to.
///
/// Lists and mappings never change once made: the sandbox of the reference implementation forbids it too. Only a
/// namespace does.
enum Value {
    /// What is not there: a name, or a member of something of the given kind. Renders as nothing.
    case undefined(name: String, of: Kind?)
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case list(List)
    case mapping(Mapping)
    case namespace(Namespace)
    case loop(Loop)
    case function(Function)

    /// The kinds of value, spelt as Python has them in its messages.
    enum Kind: String {
        case undefined = "Undefined"
        case none = "NoneType"
        case bool, float, list, tuple
        case integer = "int"
        case string = "str"
        case mapping = "dict"
        case namespace = "Namespace"
        case loop = "LoopContext"
        case function
    }

    var kind: Kind {
        switch self {
        case .undefined: .undefined
        case .none: .none
        case .bool: .bool
        case .integer: .integer
        case .float: .float
        case .string: .string
        case .list(let list): list.isTuple ? .tuple : .list
        case .mapping: .mapping
        case .namespace: .namespace
        case .loop: .loop
        case .function: .function
        }
    }

    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.utf8.isEmpty
        case .list(let list): !list.items.isEmpty
        case .mapping(let mapping): !mapping.keys.isEmpty
        case .namespace, .loop, .function: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// The error of using what is not there; nil for anything else.
    var missing: TemplateError? {
        guard case .undefined(let name, let owner) = self else { return nil }
        guard let owner else { return .evaluation("'\(name)' is undefined") }
        return .evaluation("a \(owner.rawValue) has no member '\(name)'")
    }
}

extension Value {
    init(_ json: JSON) {
        switch json {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .float(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(List(unchecked: elements.map(Value.init)))
        case .object(let members): self = .mapping(Mapping(members))
        }
    }
}
