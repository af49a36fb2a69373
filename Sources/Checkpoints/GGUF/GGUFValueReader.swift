/// Reads metadata values; arrays become views of the file.
struct GGUFValueReader {
    /// How deep arrays of arrays may go, and how many there may be in one file: real files have none.
    static let mostDepth = 4, mostArrays = 1 << 16
    private var arrays = 0

    mutating func value(of key: String, _ cursor: inout GGUFCursor) throws -> GGUFValue {
        let type = try type(of: key, &cursor), start = cursor.offset
        switch type {
        case .string: return .string(cursor.bytes.text(try cursor.string("the value of \(key)")))
        case .array: return .array(try array(of: key, &cursor, depth: 1))
        default: break
        }
        let size = type.size!
        guard cursor.left >= size else { throw cursor.malformed("the file ends inside the value of \(key)") }
        cursor.offset += size
        try checkFlags(type, cursor, start..<cursor.offset, key)
        return GGUFValue(type, cursor.bytes, at: start)
    }

    private func type(of key: String, _ cursor: inout GGUFCursor) throws -> GGUFValueType {
        let start = cursor.offset, code = try cursor.integer(UInt32.self, "the type of \(key)")
        guard let type = GGUFValueType(rawValue: code) else {
            throw cursor.malformed(at: start, "\(key) is of type \(code), which the format does not have")
        }
        return type
    }

    private mutating func array(of key: String, _ cursor: inout GGUFCursor, depth: Int) throws -> GGUFArray {
        arrays += 1
        guard depth <= Self.mostDepth, arrays <= Self.mostArrays else {
            throw cursor.malformed("\(key) has arrays within arrays beyond reason")
        }
        let type = try type(of: key, &cursor)
        switch type {
        case .string: return .strings(try strings(of: key, &cursor))
        case .array:
            let count = try cursor.count(of: "arrays in \(key)", atLeast: 12)
            guard count <= Self.mostArrays else { throw cursor.malformed("\(key) promises \(count) arrays") }
            return .arrays(try (0..<count).map { _ in try array(of: key, &cursor, depth: depth + 1) })
        default: return .numbers(try numbers(type, of: key, &cursor))
        }
    }

    private func numbers(_ type: GGUFValueType, of key: String, _ cursor: inout GGUFCursor) throws -> GGUFNumbers {
        let size = type.size!
        let count = try cursor.count(of: "elements of \(key)", atLeast: size)
        let range = cursor.offset..<cursor.offset + count * size
        try checkFlags(type, cursor, range, key)
        cursor.offset = range.upperBound
        return GGUFNumbers(type, cursor.bytes[range])
    }

    private func checkFlags(_ type: GGUFValueType, _ cursor: GGUFCursor, _ range: Range<Int>, _ key: String) throws {
        guard type == .bool else { return }
        let wrong = cursor.bytes.withBytes { bytes in range.first { bytes[$0] > 1 } }
        if let wrong { throw cursor.malformed(at: wrong, "\(key) is neither true nor false") }
    }

    /// Vocabularies have hundreds of thousands of strings, so the walk over them is kept bare; where it cannot go on, the
    /// cursor says why.
    private func strings(of key: String, _ cursor: inout GGUFCursor) throws -> GGUFStrings {
        let count = try cursor.count(of: "strings of \(key)", atLeast: 8)
        let start = cursor.offset
        var offsets: [Int] = []
        offsets.reserveCapacity(count)
        cursor.offset = cursor.bytes.withBytes { bytes in
            var offset = start
            while offsets.count < count, bytes.count - offset >= 8 {
                let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                guard length <= UInt64(bytes.count - offset - 8) else { break }
                offsets.append(offset - start)
                offset += 8 + Int(length)
            }
            return offset
        }
        if offsets.count < count { _ = try cursor.string("string \(offsets.count) of \(key)") }
        return GGUFStrings(cursor.bytes[start..<cursor.offset], offsets: offsets)
    }
}

extension GGUFValue {
    /// The value of a type with a fixed size whose bytes begin at `offset`.
    init(_ type: GGUFValueType, _ bytes: Bytes, at offset: Int) {
        self =
            switch type {
            case .uint8: .uint8(bytes.load(at: offset))
            case .int8: .int8(bytes.load(at: offset))
            case .uint16: .uint16(bytes.load(at: offset))
            case .int16: .int16(bytes.load(at: offset))
            case .uint32: .uint32(bytes.load(at: offset))
            case .int32: .int32(bytes.load(at: offset))
            case .uint64: .uint64(bytes.load(at: offset))
            case .int64: .int64(bytes.load(at: offset))
            case .float32: .float32(Float(bitPattern: bytes.load(at: offset)))
            case .float64: .float64(Double(bitPattern: bytes.load(at: offset)))
            case .bool: .bool(bytes.load(UInt8.self, at: offset) != 0)
            case .string, .array: preconditionFailure("\(type) has no fixed size")
            }
    }
}
