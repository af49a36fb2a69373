/// A value of a GGUF file's metadata, in the type it has there.
public enum GGUFValue: Sendable {
    case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32), uint64(UInt64), int64(
        Int64
    )
    case float32(Float), float64(Double), bool(Bool), string(String), array(GGUFArray)

    /// The value of any integer type, unless it is too large for an `Int`.
    public var integer: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .int8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int64(let value): Int(value)
        default: nil
        }
    }

    /// The value of any numeric type.
    public var number: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        case .uint64(let value): Double(value)
        default: integer.map(Double.init)
        }
    }

    public var text: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var flag: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var strings: GGUFStrings? {
        if case .array(.strings(let value)) = self { value } else { nil }
    }

    public var numbers: GGUFNumbers? {
        if case .array(.numbers(let value)) = self { value } else { nil }
    }
}

/// The type of a metadata value, as numbered in the file.
public enum GGUFValueType: UInt32, Sendable {
    case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

    /// Bytes of one value; nil where it depends on the value.
    var size: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }
}

extension GGUFValue {
    public var type: GGUFValueType {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .uint64: .uint64
        case .int64: .int64
        case .float32: .float32
        case .float64: .float64
        case .bool: .bool
        case .string: .string
        case .array: .array
        }
    }
}

extension GGUFValue: CustomStringConvertible {
    /// The value for a person; of an array, its first elements.
    public var description: String {
        if let integer { return "\(integer)" }
        if case .float32(let value) = self { return "\(value)" }
        if let number { return "\(number)" }
        if let flag { return "\(flag)" }
        if case .array(let array) = self { return array.description }
        return text ?? ""
    }
}
