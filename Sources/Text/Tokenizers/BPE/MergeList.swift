/// Reads lines of two tokens with a space between as pairs of ids.
enum MergeList {
    /// For each pair its rank and the token it makes.
    static func table(of merges: [String], _ vocabulary: Vocabulary) throws -> PairTable {
        let table = PairTable(capacity: merges.count)
        var bytes: [UInt8] = []
        for (rank, spelling) in merges.enumerated() {
            var spelling = spelling
            bytes.removeAll(keepingCapacity: true)
            let border: Int? = spelling.withUTF8 { utf8 in
                guard let space = utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
                vocabulary.append(UnsafeBufferPointer(rebasing: utf8[..<space]), to: &bytes)
                let border = bytes.count
                vocabulary.append(UnsafeBufferPointer(rebasing: utf8[(space + 1)...]), to: &bytes)
                return border
            }
            guard let border, border > 0, border < bytes.count else {
                throw TokenizerError.malformedMerge(spelling, rank: rank)
            }
            guard let (left, right, whole) = find(bytes, border, vocabulary.table) else {
                throw TokenizerError.mergeOutsideVocabulary(spelling, rank: rank)
            }
            table.insert(left, right, .init(first: UInt32(rank), second: whole))
        }
        return table
    }

    private static func find(
        _ bytes: [UInt8],
        _ border: Int,
        _ table: ByteStringTable
    ) -> (left: UInt32, right: UInt32, whole: UInt32)? {
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                let left = table.find(base, count: border),
                let right = table.find(base + border, count: bytes.count - border),
                let whole = table.find(base, count: bytes.count)
            else { return nil }
            return (left, right, whole)
        }
    }
}
