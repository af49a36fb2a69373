extension [UInt8] {
    mutating func append(integer: some FixedWidthInteger & BitwiseCopyable) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }

    mutating func append(string: String) {
        append(integer: UInt64(string.utf8.count))
        append(contentsOf: string.utf8)
    }
}

extension GGUFValue {
    /// Appends the value as it stands in a file, without its type.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .uint8(let value): bytes.append(integer: value)
        case .int8(let value): bytes.append(integer: value)
        case .uint16(let value): bytes.append(integer: value)
        case .int16(let value): bytes.append(integer: value)
        case .uint32(let value): bytes.append(integer: value)
        case .int32(let value): bytes.append(integer: value)
        case .uint64(let value): bytes.append(integer: value)
        case .int64(let value): bytes.append(integer: value)
        case .float32(let value): bytes.append(integer: value.bitPattern)
        case .float64(let value): bytes.append(integer: value.bitPattern)
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .string(let value): bytes.append(string: value)
        case .array(let value): value.append(to: &bytes)
        }
    }
}

extension GGUFArray {
    /// Appends the elements' type, their number and the elements.
    func append(to bytes: inout [UInt8]) {
        let type: GGUFValueType =
            switch self {
            case .numbers(let view): view.type
            case .strings: .string
            case .arrays: .array
            }
        bytes.append(integer: type.rawValue)
        bytes.append(integer: UInt64(count))
        switch self {
        case .numbers(let view): view.bytes.withBytes { bytes.append(contentsOf: $0) }
        case .strings(let view): view.bytes.withBytes { bytes.append(contentsOf: $0) }
        case .arrays(let arrays): for array in arrays { array.append(to: &bytes) }
        }
    }
}

extension GGUFArray {
    public init(_ strings: some Collection<String>) {
        var bytes: [UInt8] = [], offsets: [Int] = []
        for string in strings {
            offsets.append(bytes.count)
            bytes.append(string: string)
        }
        self = .strings(GGUFStrings(Bytes(bytes), offsets: offsets))
    }

    public init(_ integers: some Collection<Int32>) {
        var bytes: [UInt8] = []
        for integer in integers { bytes.append(integer: integer) }
        self = .numbers(GGUFNumbers(.int32, Bytes(bytes)))
    }

    public init(_ bytes: some Collection<UInt8>) { self = .numbers(GGUFNumbers(.uint8, Bytes(bytes))) }

    public init(_ floats: some Collection<Float>) {
        var bytes: [UInt8] = []
        for float in floats { bytes.append(integer: float.bitPattern) }
        self = .numbers(GGUFNumbers(.float32, Bytes(bytes)))
    }

    public init(_ flags: some Collection<Bool>) {
        self = .numbers(GGUFNumbers(.bool, Bytes(flags.map { $0 ? 1 : 0 })))
    }
}
