public import Checkpoints
public import Text

extension Settings {
    /// The settings of a JSON object.
    ///
    /// - Throws: ``BundleError/malformed(file:problem:)`` where the value is no object.
    init(_ json: JSON, file: String) throws {
        guard case .object(let values) = Settings.Value(json) else {
            throw BundleError.malformed(file: file, problem: "it should be a JSON object")
        }
        self.init(values)
    }

    /// The settings as JSON, keys in order.
    var json: JSON { JSON(.object(values)) }
}

extension Settings.Value {
    /// A JSON value as a setting; `{"__float__": "Infinity"}` is the number, as the reference library writes what JSON has no word for.
    public init(_ json: JSON) {
        if let word = json["__float__"]?.string, json.object?.count == 1, let number = Self.words[word] {
            self = .number(number)
            return
        }
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(values.map(Self.init))
        case .object(let members): self = .object(Dictionary(members.map { ($0, Self($1)) }) { $1 })
        }
    }

    private static let words: [String: Double] = ["Infinity": .infinity, "-Infinity": -.infinity, "NaN": .nan]
}

extension JSON {
    init(_ value: Settings.Value) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(values.map { Self($0) })
        case .object(let values):
            self = .object(OrderedObject(values.sorted { $0.key < $1.key }.map { ($0.key, Self($0.value)) }))
        }
    }
}
