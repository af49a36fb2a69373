/// A stretch of text while it is being merged: a token, or a scalar that is none (`Piece.none`).
struct Piece {
    static let none = UInt32.max

    var id: UInt32
    /// Where it stands, counted from the beginning of the part that is merged.
    var start, end: UInt32
}

/// What two neighbouring pieces become, and when: the lowest rank goes first, then the leftmost.
struct Merge {
    static let never = Merge(rank: .max, id: .max)

    var rank, id: UInt32
}

/// What differs between the kinds of byte-pair encoding. ``BPE`` does the rest.
protocol BPEModel: Sendable {
    /// The end of the word that begins at `start`; no merge leaves a word.
    func wordEnd(in text: UTF8Text, from start: Int) -> Int
    /// The token for a whole word, where that goes before merging.
    func token(forWord word: UTF8Text) -> UInt32?
    /// The first piece of `part` at `start`; its end tells where the next one begins. Nil skips a byte.
    func piece(of part: UTF8Text, at start: Int) -> Piece?
    func merge(_ left: Piece, _ right: Piece, in part: UTF8Text) -> Merge
    /// Appends the bytes of a piece that is no token.
    func appendFallback(for piece: Piece, in part: UTF8Text, to ids: inout [Int])
}
