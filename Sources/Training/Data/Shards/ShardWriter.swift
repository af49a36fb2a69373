import Foundation

/// Writes one shard. Tokens go to the file as they come; what is kept in memory is a bit for each and 16 bytes for each document.
final class ShardWriter {
    private(set) var tokens = 0, documents = 0
    private let path: String, descriptor: Int32, vocabulary: Int, tokenBytes: Int
    private var pending: [UInt8], learnt: [UInt8] = [], table: [UInt64] = []

    init(path: String, vocabulary: Int) throws(DataError) {
        self.path = path
        self.vocabulary = vocabulary
        tokenBytes = ShardHeader.tokenBytes(vocabulary: vocabulary)
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        pending = [UInt8](repeating: 0, count: ShardHeader.byteCount)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// - Parameter key: the same for all documents of a row, and for equal rows.
    func append(_ document: TokenizedDocument, key: UInt64) throws(DataError) {
        for (token, isLearnt) in zip(document.tokens, document.isLearnt) {
            pending.append(UInt8(truncatingIfNeeded: token))
            pending.append(UInt8(truncatingIfNeeded: token >> 8))
            if tokenBytes == 4 {
                pending.append(UInt8(truncatingIfNeeded: token >> 16))
                pending.append(UInt8(truncatingIfNeeded: token >> 24))
            }
            if tokens % 8 == 0 { learnt.append(0) }
            if isLearnt { learnt[tokens / 8] |= 1 << (tokens % 8) }
            tokens += 1
        }
        table += [UInt64(tokens), key]
        documents += 1
        if pending.count >= 1 << 20 { try flush() }
    }

    /// Writes what is left, and the header last: a file without its header is none.
    func finish() throws(DataError) {
        let header = ShardHeader(tokenBytes: tokenBytes, documents: documents, tokens: tokens, vocabulary: vocabulary)
        pad(tokens * tokenBytes)
        pending += learnt
        pad(learnt.count)
        for word in table { withUnsafeBytes(of: word.littleEndian) { pending.append(contentsOf: $0) } }
        try flush()
        guard pwrite(descriptor, header.bytes, ShardHeader.byteCount, 0) == ShardHeader.byteCount,
            fsync(descriptor) == 0
        else { throw Self.failure(path) }
    }

    private func pad(_ count: Int) {
        pending += [UInt8](repeating: 0, count: ShardHeader.padded(count) - count)
    }

    private func flush() throws(DataError) {
        var written = 0
        while written < pending.count {
            let step = pending.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { throw Self.failure(path) }
            written += step
        }
        pending.removeAll(keepingCapacity: true)
    }

    private static func failure(_ path: String) -> DataError {
        .unwritable(path: path, reason: String(cString: strerror(errno)).lowercased())
    }
}
