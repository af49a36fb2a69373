/// The key-value pairs at the head of a GGUF file, in the file's order.
public struct GGUFMetadata: Sendable, RandomAccessCollection {
    public typealias Element = (key: String, value: GGUFValue)

    private var pairs: [Element] = []
    private var places: [String: Int] = [:]

    public init() {}

    public var startIndex: Int { 0 }
    public var endIndex: Int { pairs.count }
    public subscript(index: Int) -> Element { pairs[index] }

    /// The value of a key. Setting one that is new adds it at the end.
    public subscript(key: String) -> GGUFValue? {
        get { places[key].map { pairs[$0].value } }
        set {
            switch (places[key], newValue) {
            case (let place?, let value?): pairs[place].value = value
            case (nil, let value?): append(key, value)
            case (let place?, nil): remove(at: place)
            case (nil, nil): break
            }
        }
    }

    private mutating func append(_ key: String, _ value: GGUFValue) {
        places[key] = pairs.count
        pairs.append((key, value))
    }

    private mutating func remove(at place: Int) {
        pairs.remove(at: place)
        places = Dictionary(uniqueKeysWithValues: pairs.enumerated().map { ($1.key, $0) })
    }
}

extension GGUFMetadata: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral pairs: (String, GGUFValue)...) {
        for (key, value) in pairs { self[key] = value }
    }
}
