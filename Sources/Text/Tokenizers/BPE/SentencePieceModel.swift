/// SentencePiece's byte-pair encoding (Kudo and Richardson 2018): two pieces merge when their text is a token, that
/// with the highest score first. What stays no token becomes bytes.
struct SentencePieceModel: BPEModel {
    private let vocabulary: Vocabulary
    /// Scores as ranks: the highest score is the lowest number.
    private let ranks: [UInt32]
    private let byteIDs: [Int?]
    private let unknown: Int?

    init(_ vocabulary: Vocabulary, scores: [Float], unknown: Int?) {
        self.vocabulary = vocabulary
        self.unknown = unknown
        ranks = scores.map(Self.rank(ofScore:))
        var byteIDs = [Int?](repeating: nil, count: 256)
        for (id, kind) in vocabulary.kinds.enumerated() where kind == .byte {
            if let byte = vocabulary.bytes(of: id).first { byteIDs[Int(byte)] = id }
        }
        self.byteIDs = byteIDs
    }

    /// Turns the order of floats round, and keeps clear of the rank that means never.
    private static func rank(ofScore score: Float) -> UInt32 {
        let bits = (score.isNaN ? -Float.infinity : score).bitPattern
        let ascending = bits >> 31 == 1 ? ~bits : bits | 1 << 31
        return min(~ascending, .max - 1)
    }

    @inline(__always) func wordEnd(in text: UTF8Text, from start: Int) -> Int { text.count }

    func token(forWord word: UTF8Text) -> UInt32? { nil }

    @inline(__always) func piece(of part: UTF8Text, at start: Int) -> Piece? {
        let length = part.decode(at: start)?.length ?? 1
        let id = vocabulary.table.find(part.base + start, count: length) ?? Piece.none
        return Piece(id: id, start: UInt32(start), end: UInt32(start + length))
    }

    @inline(__always) func merge(_ left: Piece, _ right: Piece, in part: UTF8Text) -> Merge {
        let start = Int(left.start), count = Int(right.end) - start
        guard let id = vocabulary.table.find(part.base + start, count: count) else { return .never }
        return Merge(rank: ranks[Int(id)], id: id)
    }

    func appendFallback(for piece: Piece, in part: UTF8Text, to ids: inout [Int]) {
        for index in Int(piece.start)..<Int(piece.end) {
            if let id = byteIDs[Int(part[index])] ?? unknown { ids.append(id) }
        }
    }
}
