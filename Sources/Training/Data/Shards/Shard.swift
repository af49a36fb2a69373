import Checkpoints

/// A shard, mapped into memory: only what is looked at is read.
struct Shard: Sendable {
    let header: ShardHeader
    private let file: MappedFile
    private let path: String

    /// - Throws: `DataError.damaged` where the file is not what a preparation wrote.
    init(path: String) throws(DataError) {
        self.path = path
        do { file = try MappedFile(path: path) } catch {
            throw .damaged(file: path, problem: "\((error as? CheckpointError)?.description ?? "\(error)")")
        }
        do { header = try ShardHeader(file.bytes) } catch { throw .damaged(file: path, problem: "\(error)") }
        try check()
    }

    /// Documents follow each other, none is shorter than two tokens, and the last ends with the tokens.
    private func check() throws(DataError) {
        var end = 0
        for document in 0..<header.documents {
            let next = word(document * 2)
            guard next >= end + 2, next <= header.tokens else {
                throw .damaged(file: path, problem: "document \(document) ends at token \(next)")
            }
            end = Int(next)
        }
        guard end == header.tokens else {
            throw .damaged(file: path, problem: "\(header.tokens - end) tokens belong to no document")
        }
    }

    private func word(_ index: Int) -> UInt64 {
        defer { withExtendedLifetime(file) {} }
        return UInt64(littleEndian: file.bytes.load(fromByteOffset: header.learntEnd + index * 8, as: UInt64.self))
    }

    func tokens(of document: Int) -> Range<Int> {
        Int(document == 0 ? 0 : word(document * 2 - 2))..<Int(word(document * 2))
    }

    func key(of document: Int) -> UInt64 { word(document * 2 + 1) }

    /// The tokens at these places.
    ///
    /// - Throws: `DataError.damaged` where one is outside the vocabulary.
    func tokens(_ places: Range<Int>) throws(DataError) -> [Int32] {
        defer { withExtendedLifetime(file) {} }
        let start = ShardHeader.byteCount, bytes = file.bytes
        let tokens =
            if header.tokenBytes == 2 {
                places.map {
                    Int32(UInt16(littleEndian: bytes.load(fromByteOffset: start + $0 * 2, as: UInt16.self)))
                }
            } else {
                places.map {
                    Int32(
                        truncatingIfNeeded: UInt32(
                            littleEndian: bytes.load(fromByteOffset: start + $0 * 4, as: UInt32.self)
                        )
                    )
                }
            }
        guard tokens.allSatisfy({ $0 >= 0 && $0 < header.vocabulary }) else {
            throw .damaged(file: path, problem: "it has tokens outside the vocabulary of \(header.vocabulary)")
        }
        return tokens
    }

    func isLearnt(_ place: Int) -> Bool {
        defer { withExtendedLifetime(file) {} }
        return file.bytes[header.tokensEnd + place / 8] >> (place % 8) & 1 == 1
    }
}
