/// Read-only bytes, kept alive by their owner: a mapped file, or a block of memory.
///
/// Slicing is free. Positions outside are a precondition; a parser checks before it reads.
struct Bytes: @unchecked Sendable {
    let buffer: UnsafeRawBufferPointer
    let owner: any AnyObject & Sendable

    init(borrowing buffer: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
        (self.buffer, self.owner) = (buffer, owner)
    }

    /// A copy of `bytes` in memory of its own.
    init(_ bytes: some Collection<UInt8>) {
        let block = MemoryBlock(bytes.count)
        block.buffer.copyBytes(from: bytes)
        self.init(borrowing: UnsafeRawBufferPointer(block.buffer), owner: block)
    }

    var count: Int { buffer.count }

    subscript(range: Range<Int>) -> Bytes {
        Bytes(borrowing: UnsafeRawBufferPointer(rebasing: buffer[range]), owner: owner)
    }

    /// The little-endian integer that begins at `offset`, aligned or not.
    func load<Integer: FixedWidthInteger & BitwiseCopyable>(_: Integer.Type = Integer.self, at offset: Int) -> Integer {
        defer { withExtendedLifetime(owner) {} }
        return Integer(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: Integer.self))
    }

    /// The text of a range; what is not UTF-8 becomes U+FFFD.
    func text(_ range: Range<Int>) -> String {
        defer { withExtendedLifetime(owner) {} }
        return String(decoding: UnsafeRawBufferPointer(rebasing: buffer[range]), as: UTF8.self)
    }

    /// The text of a range, or nil where it is not UTF-8.
    func validText(_ range: Range<Int>) -> String? {
        defer { withExtendedLifetime(owner) {} }
        return String(validating: UnsafeRawBufferPointer(rebasing: buffer[range]), as: UTF8.self)
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try body(buffer)
    }
}

/// Memory of our own, aligned for any tensor.
final class MemoryBlock: @unchecked Sendable {
    let buffer: UnsafeMutableRawBufferPointer

    init(_ count: Int) { buffer = .allocate(byteCount: count, alignment: 64) }

    deinit { buffer.deallocate() }
}
