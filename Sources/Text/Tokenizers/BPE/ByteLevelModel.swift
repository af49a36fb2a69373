/// Byte-pair encoding of bytes (Radford et al. 2019), by a list of merges.
struct ByteLevelModel: BPEModel {
    private let vocabulary: Vocabulary
    private let pre: PreTokenizer
    private let ignoresMerges: Bool
    private let merges: PairTable
    private let byteIDs: [UInt32]

    init(_ vocabulary: Vocabulary, _ pre: PreTokenizer, ignoresMerges: Bool, merges: [String]) throws {
        self.vocabulary = vocabulary
        self.pre = pre
        self.ignoresMerges = ignoresMerges
        self.merges = try Self.table(of: merges, vocabulary)
        byteIDs = (0..<256).map { vocabulary.table.find(CollectionOfOne(UInt8($0))) ?? Piece.none }
    }

    /// The bytes that have no token of their own; some vocabularies lack a few that their corpus did not hold.
    var unencodable: [UInt8] { (0...255).filter { byteIDs[Int($0)] == Piece.none } }

    private static func table(of merges: [String], _ vocabulary: Vocabulary) throws -> PairTable {
        let table = PairTable(capacity: merges.count)
        var bytes: [UInt8] = []
        for (rank, spelling) in merges.enumerated() {
            var spelling = spelling
            bytes.removeAll(keepingCapacity: true)
            let border: Int? = spelling.withUTF8 { utf8 in
                guard let space = utf8.firstIndex(of: UInt8(ascii: " ")) else { return nil }
                ByteAlphabet.append(UnsafeBufferPointer(rebasing: utf8[..<space]), to: &bytes)
                let border = bytes.count
                ByteAlphabet.append(UnsafeBufferPointer(rebasing: utf8[(space + 1)...]), to: &bytes)
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

    @inline(__always) func wordEnd(in text: UTF8Text, from start: Int) -> Int { pre.wordEnd(in: text, from: start) }

    @inline(__always) func token(forWord word: UTF8Text) -> UInt32? {
        guard ignoresMerges, let id = vocabulary.table.find(word.base, count: word.count) else { return nil }
        return vocabulary.kinds[Int(id)] == .normal ? id : nil
    }

    @inline(__always) func piece(of part: UTF8Text, at start: Int) -> Piece? {
        let id = byteIDs[Int(part[start])]
        return id == Piece.none ? nil : Piece(id: id, start: UInt32(start), end: UInt32(start + 1))
    }

    @inline(__always) func merge(_ left: Piece, _ right: Piece, in part: UTF8Text) -> Merge {
        merges.find(left.id, right.id).map { Merge(rank: $0.first, id: $0.second) } ?? .never
    }

    func appendFallback(for piece: Piece, in part: UTF8Text, to ids: inout [Int]) {}
}
