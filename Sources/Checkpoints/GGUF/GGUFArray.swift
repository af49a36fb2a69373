/// An array of a GGUF file's metadata: a view of the file's bytes, not a copy.
public enum GGUFArray: Sendable {
    case numbers(GGUFNumbers), strings(GGUFStrings), arrays([GGUFArray])

    public var count: Int {
        switch self {
        case .numbers(let view): view.count
        case .strings(let view): view.count
        case .arrays(let arrays): arrays.count
        }
    }
}

/// An array of numbers or Booleans.
public struct GGUFNumbers: Sendable, RandomAccessCollection {
    /// The type of the elements.
    public let type: GGUFValueType
    public let count: Int
    let bytes: Bytes
    private let size: Int

    /// A view of `bytes`, which hold whole elements of a type with a fixed size.
    init(_ type: GGUFValueType, _ bytes: Bytes) {
        size = type.size!
        (self.type, self.bytes, count) = (type, bytes, bytes.count / size)
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(index: Int) -> GGUFValue {
        precondition(index >= 0 && index < count, "element \(index) of \(count)")
        return GGUFValue(type, bytes, at: index * size)
    }

    /// All elements as integers, or nil if they are of another kind.
    public var integers: [Int]? { converted(\.integer) }

    /// All elements as floats, or nil if they are of another kind.
    public var floats: [Float]? { converted { $0.number.map(Float.init) } }

    private func converted<Element>(_ convert: (GGUFValue) -> Element?) -> [Element]? {
        var result: [Element] = []
        result.reserveCapacity(count)
        for element in self {
            guard let converted = convert(element) else { return nil }
            result.append(converted)
        }
        return result
    }
}

/// An array of strings, such as a vocabulary: each is made when it is asked for.
public struct GGUFStrings: Sendable, RandomAccessCollection {
    /// The array as in the file: each string after its length in eight bytes.
    let bytes: Bytes
    /// Where each string's length stands.
    private let offsets: [Int]

    init(_ bytes: Bytes, offsets: [Int]) { (self.bytes, self.offsets) = (bytes, offsets) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { offsets.count }

    /// A string; what is not UTF-8 becomes U+FFFD, and ``bytes(at:)`` has the truth.
    public subscript(index: Int) -> String { bytes.text(range(index)) }

    public func bytes(at index: Int) -> [UInt8] {
        let range = range(index)
        return bytes.withBytes { Array($0[range]) }
    }

    /// Calls `body` with a string's bytes, without a copy.
    public func withBytes<Result>(
        at index: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try bytes[range(index)].withBytes(body)
    }

    private func range(_ index: Int) -> Range<Int> {
        let start = offsets[index]
        let length = UInt64(littleEndian: bytes.buffer.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        return start + 8..<start + 8 + Int(length)
    }
}

extension GGUFArray: CustomStringConvertible {
    public var description: String {
        let first =
            switch self {
            case .numbers(let view): view.prefix(6).map(\.description)
            case .strings(let view): view.prefix(6).map { "“\($0)”" }
            case .arrays(let arrays): arrays.prefix(2).map(\.description)
            }
        return "[" + first.joined(separator: ", ") + (count > first.count ? ", … \(count) in all]" : "]")
    }
}
