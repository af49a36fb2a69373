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
        self.merges = try MergeList.table(of: merges, vocabulary)
        byteIDs = (0..<256).map { vocabulary.table.find(CollectionOfOne(UInt8($0))) ?? Piece.none }
    }

    /// The bytes that have no token of their own; some vocabularies lack a few that their corpus did not hold.
    var unencodable: [UInt8] { (0...255).filter { byteIDs[Int($0)] == Piece.none } }

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
