/// A place in a JSON value, which remembers how it was reached, so that a refusal can name it.
///
/// ```swift
/// let body = JSONField(try JSON(parsing: bytes))
/// let model = try body["model"].string
/// let temperature = try body["temperature"].optional?.double ?? 1
/// for message in try body["messages"].elements { … }      // throws: 'messages[2].role' must be a string
/// ```
public struct JSONField: Sendable {
    /// Nil where there is nothing.
    public let value: JSON?
    public let path: String

    public init(_ value: JSON?, path: String = "") {
        self.value = value
        self.path = path
    }

    public subscript(key: String) -> JSONField {
        JSONField(value?[key], path: path.isEmpty ? key : "\(path).\(key)")
    }

    public subscript(index: Int) -> JSONField { JSONField(value?[index], path: "\(path)[\(index)]") }

    /// The member of that name; itself, where there is none and one of the members that it would have stands right here.
    public func member(_ name: String, orFlat members: [String]) -> JSONField {
        let isFlat = self[name].optional == nil && members.contains { self[$0].optional != nil }
        return isFlat ? self : self[name]
    }

    /// Itself, or nil where the value is absent or null.
    public var optional: JSONField? { value == nil || value == .null ? nil : self }

    public var bool: Bool {
        get throws(JSONError) { try require(value?.bool, "a boolean") }
    }

    public var integer: Int {
        get throws(JSONError) { try require(value?.integer, "an integer") }
    }

    public var double: Double {
        get throws(JSONError) { try require(value?.double, "a number") }
    }

    public var string: String {
        get throws(JSONError) { try require(value?.string, "a string") }
    }

    public var nonEmptyString: String {
        get throws(JSONError) {
            let string = try string
            guard !string.isEmpty else { throw unexpected("a string that is not empty") }
            return string
        }
    }

    public var object: OrderedObject {
        get throws(JSONError) { try require(value?.object, "an object") }
    }

    /// The elements of an array, each knowing its place.
    public var elements: [JSONField] {
        get throws(JSONError) {
            try require(value?.array, "an array").enumerated().map { JSONField($1, path: "\(path)[\($0)]") }
        }
    }

    public func integer(in range: ClosedRange<Int>) throws(JSONError) -> Int {
        let integer = try integer
        guard range.contains(integer) else { throw unexpected("between \(range.lowerBound) and \(range.upperBound)") }
        return integer
    }

    public func double(in range: ClosedRange<Double>) throws(JSONError) -> Double {
        let double = try double
        guard range.contains(double) else { throw unexpected("between \(range.lowerBound) and \(range.upperBound)") }
        return double
    }

    /// The error that says what was expected here.
    ///
    /// - Parameter found: what is here instead; by itself the value's kind, or the value where it is short.
    public func unexpected(_ expected: String, found: String? = nil) -> JSONError {
        .unexpected(path: path, expected: expected, found: found ?? self.found)
    }

    private var found: String {
        switch value {
        case nil: "missing"
        case .integer(let value): String(value)
        case .number(let value): value.shortest
        case .array([]): "an empty array"
        case .string(""): "an empty string"
        case .string(let value) where value.utf8.count <= 40: "'\(value)'"
        case let value?: value.kind
        }
    }

    private func require<T>(_ value: T?, _ expected: String) throws(JSONError) -> T {
        guard let value else { throw unexpected(expected) }
        return value
    }
}
