/// The fields of a protocol buffer's message, one after another, as the wire has them (protobuf.dev, “Encoding”).
///
/// A length that reaches beyond the message is refused, so a message within a message ends before it does.
struct ProtobufReader {
    struct Field {
        let number: Int, value: Value
    }

    enum Value {
        case number(UInt64), fixed32(UInt32), fixed64(UInt64), bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>

    init(_ message: ArraySlice<UInt8>) { rest = message }

    /// Returns nil at the end of the message.
    mutating func next() throws -> Field? {
        guard !rest.isEmpty else { return nil }
        let start = rest.startIndex, tag = try varint(), number = Int(tag >> 3 & 0x1FFF_FFFF)
        guard number > 0, tag >> 32 == 0 else { throw Self.damaged("a field has no number", start) }
        switch tag & 7 {
        case 0: return Field(number: number, value: .number(try varint()))
        case 1: return Field(number: number, value: .fixed64(Self.integer(try bytes(8))))
        case 2: return Field(number: number, value: .bytes(try bytes(varint())))
        case 5: return Field(number: number, value: .fixed32(UInt32(Self.integer(try bytes(4)))))
        case let type: throw Self.damaged("a field has the wire type \(type)", start)
        }
    }

    private mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        let start = rest.startIndex
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { throw Self.damaged("a number has no end", start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw Self.damaged("a number has more than 64 bits", start)
    }

    private mutating func bytes(_ count: UInt64) throws -> ArraySlice<UInt8> {
        guard count <= UInt64(rest.count) else {
            throw Self.damaged("a field has \(count) bytes where \(rest.count) are left", rest.startIndex)
        }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func damaged(_ problem: String, _ offset: Int) -> TokenizerError {
        .damaged("\(problem), at byte \(offset)")
    }
}

extension ProtobufReader.Value {
    /// A whole number of 32 bits with a sign, or a choice of several.
    var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return Int(Int32(truncatingIfNeeded: value))
    }

    var flag: Bool? { if case .number(let value) = self { value != 0 } else { nil } }

    var float: Float? { if case .fixed32(let bits) = self { Float(bitPattern: bits) } else { nil } }

    var bytes: ArraySlice<UInt8>? { if case .bytes(let bytes) = self { bytes } else { nil } }
}
