/// A function that a model may ask to be called, as OpenAI's chat API describes one.
public struct Tool: Sendable, Hashable {
    public var name: String
    public var description: String?
    /// A JSON Schema of the arguments.
    public var parameters: JSON?
    /// The description as it came, with everything else it says.
    public let json: JSON

    public init(name: String, description: String? = nil, parameters: JSON? = nil) {
        self.name = name
        self.description = description
        self.parameters = parameters
        var function: OrderedObject = ["name": .string(name)]
        if let description { function["description"] = .string(description) }
        if let parameters { function["parameters"] = parameters }
        json = ["type": "function", "function": .object(function)]
    }

    public init(_ field: JSONField) throws(JSONError) {
        guard try field["type"].string == "function" else { throw field["type"].unexpected("'function'") }
        let function = field["function"]
        name = try function["name"].string
        description = try function["description"].optional?.string
        parameters = try function["parameters"].optional.map { field throws(JSONError) in .object(try field.object) }
        _ = try function["strict"].optional?.bool
        json = field.value ?? .null
    }
}
