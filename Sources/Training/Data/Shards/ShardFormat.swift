/// How a shard lies on disk, all numbers little-endian:
///
///     64 bytes     what `ShardHeader` says
///     tokens       2 or 4 bytes each, then zeros up to a multiple of 8
///     learnt       a bit for each token, the lowest of a byte first, then zeros up to a multiple of 8
///     documents    16 bytes each: where its tokens end, and the key of the row it came from
struct ShardHeader: Sendable, Hashable {
    static let magic: UInt64 = 0x4B4F_544E_4159_5559  // "YUYANTOK"
    static let version: UInt32 = 1
    static let byteCount = 64

    var tokenBytes: Int
    var documents, tokens, vocabulary: Int

    /// Ids take two bytes where all fit.
    static func tokenBytes(vocabulary: Int) -> Int { vocabulary <= 1 << 16 ? 2 : 4 }

    var tokensEnd: Int { Self.byteCount + Self.padded(tokens * tokenBytes) }
    var learntEnd: Int { tokensEnd + Self.padded((tokens + 7) / 8) }
    var fileBytes: Int { learntEnd + documents * 16 }

    static func padded(_ count: Int) -> Int { (count + 7) / 8 * 8 }

    var bytes: [UInt8] {
        let words = [
            Self.magic, UInt64(Self.version) | UInt64(tokenBytes) << 32, UInt64(documents), UInt64(tokens),
            UInt64(vocabulary), 0, 0, 0,
        ]
        return words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    /// Reads and checks a header against the size of its file; a problem in words where it is none.
    init(_ bytes: UnsafeRawBufferPointer) throws(RowProblem) {
        guard bytes.count >= Self.byteCount else {
            throw RowProblem("it has \(bytes.count) bytes, fewer than a header")
        }
        func word(_ index: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        guard word(0) == Self.magic else { throw RowProblem("it is no shard of training data") }
        let version = UInt32(truncatingIfNeeded: word(1))
        guard version == Self.version else { throw RowProblem("it has version \(version), not \(Self.version)") }
        // Each count is bounded by the file's size, so that no sum below overflows.
        guard [2, 4].contains(word(1) >> 32), word(2) <= bytes.count, word(3) <= bytes.count, word(4) <= 1 << 31 else {
            throw RowProblem("its header is impossible")
        }
        (tokenBytes, documents, tokens) = (Int(word(1) >> 32), Int(word(2)), Int(word(3)))
        vocabulary = Int(word(4))
        guard fileBytes == bytes.count else {
            throw RowProblem("it has \(bytes.count) bytes, its header tells of \(fileBytes)")
        }
    }

    init(tokenBytes: Int, documents: Int, tokens: Int, vocabulary: Int) {
        (self.tokenBytes, self.documents, self.tokens) = (tokenBytes, documents, tokens)
        self.vocabulary = vocabulary
    }
}
