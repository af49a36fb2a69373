/// Where a tensor lies in a GGUF file.
public struct GGUFTensor: Sendable, Hashable {
    /// The name as the file spells it, such as `blk.0.attn_q.weight`.
    public let name: String
    public let type: GGUFTensorType
    /// Outermost axis first: `[rows, columns]` for a matrix. The file has it the other way round.
    public let shape: [Int]
    /// The bytes in the file.
    public let range: Range<Int>
}

/// A tensor's entry in the header, before the start of the data is known.
struct GGUFTensorEntry {
    let name: String
    let type: GGUFTensorType
    let shape: [Int]
    /// Bytes from the start of the data.
    let offset: UInt64
    let byteCount: Int
    /// Where the entry stands in the header.
    let position: Int

    static let mostNameBytes = 1024

    /// The fewest bytes an entry takes: name's length, one letter, axes, type, offset.
    static let leastBytes = 8 + 1 + 4 + 4 + 8

    init(_ cursor: inout GGUFCursor) throws {
        position = cursor.offset
        let name = try cursor.name("a tensor's name", limit: Self.mostNameBytes)
        let shape = try Self.shape(&cursor, name)
        let type = try Self.type(&cursor, name)
        byteCount = try Self.byteCount(cursor, name, shape, type)
        offset = try cursor.integer(UInt64.self, "the offset of tensor \(name)")
        (self.name, self.shape, self.type) = (name, shape, type)
    }

    private static func shape(_ cursor: inout GGUFCursor, _ name: String) throws -> [Int] {
        let start = cursor.offset, axes = try cursor.integer(UInt32.self, "the axes of tensor \(name)")
        guard axes <= 4 else {
            throw cursor.malformed(at: start, "tensor \(name) has \(axes) axes; the format allows 4")
        }
        var shape: [Int] = []
        for _ in 0..<axes {
            let start = cursor.offset, extent = try cursor.integer(UInt64.self, "the shape of tensor \(name)")
            guard extent > 0, let extent = Int(exactly: extent) else {
                throw cursor.malformed(at: start, "tensor \(name) has an axis of \(extent) elements")
            }
            shape.insert(extent, at: 0)
        }
        return shape
    }

    private static func type(_ cursor: inout GGUFCursor, _ name: String) throws -> GGUFTensorType {
        let start = cursor.offset, code = try cursor.integer(UInt32.self, "the type of tensor \(name)")
        if let type = GGUFTensorType(code: code) { return type }
        if let removed = GGUFTensorType.removed[code] {
            let what =
                "tensor \(name) is of type \(removed), which the format has since removed; fetch a newer conversion"
            throw CheckpointError.unsupported(file: cursor.file, what: what)
        }
        throw cursor.malformed(at: start, "tensor \(name) is of type \(code), which the format does not have")
    }

    private static func byteCount(
        _ cursor: GGUFCursor,
        _ name: String,
        _ shape: [Int],
        _ type: GGUFTensorType
    ) throws -> Int {
        let width = shape.last ?? 1
        guard width % type.blockSize == 0 else {
            let problem =
                "tensor \(name) has rows of \(width), which do not fill \(type.name) blocks of \(type.blockSize)"
            throw cursor.malformed(problem)
        }
        var (bytes, overflow) = (width / type.blockSize).multipliedReportingOverflow(by: type.bytesPerBlock)
        for extent in shape.dropLast() where !overflow {
            (bytes, overflow) = bytes.multipliedReportingOverflow(by: extent)
        }
        guard !overflow else { throw cursor.malformed("tensor \(name) of shape \(shape) is larger than any memory") }
        return bytes
    }
}
