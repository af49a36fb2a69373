import Checkpoints

/// Reads a file of little-endian numbers from its beginning on; what it has not got is an error that says where.
struct E5Cursor {
    let all: UnsafeRawBufferPointer, file: String
    private var place = 0

    init(_ all: UnsafeRawBufferPointer, file: String) { (self.all, self.file) = (all, file) }

    /// Sizes that nothing real exceeds.
    private static let most = 1 << 24

    func damaged(_ problem: String) -> CheckpointError {
        .malformed(file: file, offset: place, problem: problem)
    }

    mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= all.count - place else { throw damaged("it ends early") }
        defer { place += count }
        return UnsafeRawBufferPointer(rebasing: all[place..<place + count])
    }

    mutating func byte() throws -> UInt8 { try bytes(1)[0] }
    mutating func short() throws -> UInt16 { UInt16(littleEndian: try bytes(2).loadUnaligned(as: UInt16.self)) }
    mutating func float() throws -> Float {
        Float(bitPattern: UInt32(littleEndian: try bytes(4).loadUnaligned(as: UInt32.self)))
    }
    mutating func text(_ count: Int) throws -> String { String(decoding: try bytes(count), as: UTF8.self) }

    /// A number from 0 on.
    mutating func index() throws -> Int {
        Int(UInt32(littleEndian: try bytes(4).loadUnaligned(as: UInt32.self)))
    }

    /// A number from 1 on that something has so many of.
    mutating func count() throws -> Int {
        let count = try index()
        guard count > 0, count <= Self.most else { throw damaged("a size is \(count)") }
        return count
    }

    /// A place or a length in bytes.
    mutating func long() throws -> Int {
        let value = UInt64(littleEndian: try bytes(8).loadUnaligned(as: UInt64.self))
        guard let count = Int(exactly: value), count <= all.count else { throw damaged("it ends early") }
        return count
    }
}
