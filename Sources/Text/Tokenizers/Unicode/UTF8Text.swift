/// Bytes that are read as UTF-8. A byte that no valid sequence holds is a scalar of its own, of class `other`.
///
/// The bytes outlive the value: it is made and used within one `withUnsafeBufferPointer`.
struct UTF8Text: @unchecked Sendable {
    let base: UnsafePointer<UInt8>
    let count: Int
    private let classes = ScalarClass.table

    /// One scalar: its class, and the index after it.
    struct Scalar {
        var kind: UInt8
        var end: Int
    }

    init(_ base: UnsafePointer<UInt8>, count: Int) {
        self.base = base
        self.count = count
    }

    static let empty = UTF8Text(ScalarClass.table, count: 0)

    @inline(__always) subscript(index: Int) -> UInt8 { base[index] }

    /// The scalar that begins at `index`; of class `end` when the text does not reach that far.
    @inline(__always) func scalar(at index: Int) -> Scalar {
        guard index < count else { return Scalar(kind: ScalarClass.end.rawValue, end: index) }
        let byte = base[index]
        if byte < 0x80 { return Scalar(kind: classes[Int(byte)], end: index + 1) }
        guard let (value, length) = decode(at: index) else {
            return Scalar(kind: ScalarClass.other.rawValue, end: index + 1)
        }
        return Scalar(kind: classes[Int(value)], end: index + length)
    }

    /// The index after the scalars of these classes that begin at `index`.
    @inline(__always) func skip(_ set: ScalarClasses, from index: Int) -> Int {
        var index = index
        while index < count {
            let scalar = scalar(at: index)
            guard set.contains(scalar.kind) else { break }
            index = scalar.end
        }
        return index
    }

    /// The value and length of a well-formed sequence (Unicode, table 3-7), or nil.
    @inline(__always) func decode(at index: Int) -> (value: UInt32, length: Int)? {
        let lead = UInt32(base[index]), left = count - index
        if lead < 0x80 { return (lead, 1) }
        guard lead >= 0xC2, left > 1 else { return nil }
        let second = UInt32(base[index + 1])
        guard second & 0xC0 == 0x80 else { return nil }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | second & 0x3F, 2) }
        guard left > 2 else { return nil }
        let third = UInt32(base[index + 2])
        guard third & 0xC0 == 0x80 else { return nil }
        if lead < 0xF0 {
            let value = (lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
            return value < 0x800 || value &- 0xD800 < 0x800 ? nil : (value, 3)
        }
        guard left > 3, UInt32(base[index + 3]) & 0xC0 == 0x80 else { return nil }
        let rest = (second & 0x3F) << 12 | (third & 0x3F) << 6 | UInt32(base[index + 3]) & 0x3F
        let value = (lead & 0x07) << 18 | rest
        return lead > 0xF4 || value < 0x10000 || value > 0x10FFFF ? nil : (value, 4)
    }
}
