/// SentencePiece's byte-pair encoding (Kudo and Richardson 2018): two pieces merge when their text is a token, that
/// with the highest score first; or, where there is a list of merges, as that has it. What stays no token becomes bytes.
struct SentencePieceModel: BPEModel {
    private let vocabulary: Vocabulary
    private let splitsWords: Bool
    /// Scores as ranks: the highest score is the lowest number.
    private let ranks: [UInt32]
    private let merges: PairTable?
    private let fallback: ByteFallback

    init(_ vocabulary: Vocabulary, _ specification: TokenizerSpecification, splitsWords: Bool) throws {
        self.vocabulary = vocabulary
        self.splitsWords = splitsWords
        ranks = specification.scores.map { Self.rank(ofScore: Float($0)) }
        let listed = specification.merges
        merges = listed.isEmpty ? nil : try MergeList.table(of: listed, vocabulary)
        fallback = ByteFallback(vocabulary, unknown: specification.unknown)
    }

    /// Turns the order of floats round, and keeps clear of the rank that means never.
    private static func rank(ofScore score: Float) -> UInt32 {
        let bits = (score.isNaN ? -Float.infinity : score).bitPattern
        let ascending = bits >> 31 == 1 ? ~bits : bits | 1 << 31
        return min(~ascending, .max - 1)
    }

    @inline(__always) func wordEnd(in text: UTF8Text, from start: Int) -> Int {
        splitsWords ? text.wordEndAtSpace(from: start) : text.count
    }

    func token(forWord word: UTF8Text) -> UInt32? { nil }

    @inline(__always) func piece(of part: UTF8Text, at start: Int) -> Piece? {
        let length = part.decode(at: start)?.length ?? 1
        let id = vocabulary.table.find(part.base + start, count: length) ?? Piece.none
        return Piece(id: id, start: UInt32(start), end: UInt32(start + length))
    }

    @inline(__always) func merge(_ left: Piece, _ right: Piece, in part: UTF8Text) -> Merge {
        if let merges {
            guard left.id != Piece.none, right.id != Piece.none else { return .never }
            return merges.find(left.id, right.id).map { Merge(rank: $0.first, id: $0.second) } ?? .never
        }
        let start = Int(left.start), count = Int(right.end) - start
        guard let id = vocabulary.table.find(part.base + start, count: count) else { return .never }
        return Merge(rank: ranks[Int(id)], id: id)
    }

    func appendFallback(for piece: Piece, in part: UTF8Text, to ids: inout [Int]) {
        fallback.append(part, Int(piece.start)..<Int(piece.end), to: &ids)
    }
}
