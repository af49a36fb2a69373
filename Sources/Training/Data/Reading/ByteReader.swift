import Foundation

/// A file's bytes in order, a block in memory at a time.
final class ByteReader {
    let path: String
    /// Bytes handed out so far.
    private(set) var offset = 0
    private let descriptor: Int32
    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    private var position = 0, end = 0

    /// - Throws: `DataError` if the file cannot be read, or is packed, or is no UTF-8 by its first bytes.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DataError.unreadable(file: path, reason: Self.reason) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw DataError.unreadable(file: path, reason: "it is not a file")
        }
        _ = try fill()
        if let what = Self.refusal(Array(block[..<min(end, 8)])) { throw DataError.unsupported(file: path, what: what) }
        if block[..<end].starts(with: [0xEF, 0xBB, 0xBF]) { skip(3) }
    }

    deinit {
        block.deallocate()
        if descriptor >= 0 { close(descriptor) }
    }

    /// The next byte, or nil at the end.
    @inline(__always)
    func byte() throws -> UInt8? {
        guard try position < end || fill() else { return nil }
        defer { skip(1) }
        return block[position]
    }

    /// The next byte, which stays.
    @inline(__always)
    func peek() throws -> UInt8? { try position < end || fill() ? block[position] : nil }

    /// Hands out what is left of the block up to and including the first such byte; whether that was found.
    func run(upTo byte: UInt8, _ body: (UnsafeRawBufferPointer) -> Void) throws -> Bool? {
        guard try position < end || fill() else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: block[position..<end])
        let found = memchr(rest.baseAddress!, Int32(byte), rest.count)
        let count = found.map { rest.baseAddress!.distance(to: $0) + 1 } ?? rest.count
        body(UnsafeRawBufferPointer(rebasing: rest[..<count]))
        skip(count)
        return found != nil
    }

    private func skip(_ count: Int) { (position, offset) = (position + count, offset + count) }

    private func fill() throws -> Bool {
        while true {
            let count = read(descriptor, block.baseAddress, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DataError.unreadable(file: path, reason: Self.reason) }
            (position, end) = (0, count)
            return count > 0
        }
    }

    private static var reason: String { String(cString: strerror(errno)).lowercased() }

    /// What to do about a file that is no text.
    private static func refusal(_ first: [UInt8]) -> String? {
        let packed: [([UInt8], String)] = [
            ([0x1F, 0x8B], "gunzip"), ([0x28, 0xB5, 0x2F, 0xFD], "unzstd"), ([0xFD, 0x37, 0x7A, 0x58], "unxz"),
            ([0x42, 0x5A, 0x68], "bunzip2"), ([0x50, 0x4B, 0x03, 0x04], "unzip"),
        ]
        if let (_, tool) = packed.first(where: { first.starts(with: $0.0) }) {
            return "it is compressed; unpack it first: \(tool) FILE"
        }
        if first.starts(with: Array("PAR1".utf8)) { return "it is a Parquet file; write its rows as JSONL first" }
        if first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF]) {
            return "it is UTF-16; convert it: iconv -f UTF-16 -t UTF-8 FILE"
        }
        return nil
    }
}
