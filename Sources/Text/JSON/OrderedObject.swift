/// The members of a JSON object in the order they were written.
///
/// Names are compared byte by byte, as JSON does, and not by canonical equivalence, as `String` does. Two objects are
/// equal when they have the same members, in whatever order.
public struct OrderedObject: Sendable {
    public private(set) var keys: [String] = []
    public private(set) var values: [JSON] = []
    private var positions: [ExactString: Int]?  // only once a linear search would be slow

    public init() {}

    /// Of two members with one name the last wins, at the place of the first.
    public init(_ members: some Sequence<(String, JSON)>) {
        for (key, value) in members { self[key] = value }
    }

    public var count: Int { keys.count }
    public var isEmpty: Bool { keys.isEmpty }

    public subscript(key: String) -> JSON? {
        get { position(of: key).map { values[$0] } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): values[position] = value
            case (nil, let value?): append(key, value)
            case (let position?, nil): remove(at: position)
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        if let positions { return positions[ExactString(key)] }
        return keys.firstIndex { $0.isIdentical(to: key) }
    }

    private mutating func append(_ key: String, _ value: JSON) {
        positions?[ExactString(key)] = keys.count
        keys.append(key)
        values.append(value)
        if keys.count == 17 { index() }
    }

    private mutating func remove(at position: Int) {
        keys.remove(at: position)
        values.remove(at: position)
        if positions != nil { index() }
    }

    private mutating func index() {
        positions = [:]
        for (position, key) in keys.enumerated() { positions?[ExactString(key)] = position }
    }
}

extension OrderedObject: Sequence {
    public func makeIterator() -> Zip2Sequence<[String], [JSON]>.Iterator { zip(keys, values).makeIterator() }
}

extension OrderedObject: Hashable {
    public static func == (a: Self, b: Self) -> Bool {
        a.count == b.count && a.allSatisfy { b[$0] == $1 }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(Set(keys.map(ExactString.init)))
    }
}

extension OrderedObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
