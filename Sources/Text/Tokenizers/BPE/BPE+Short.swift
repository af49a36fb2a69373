extension BPE {
    /// Merges a part of at most `Scratch.shortest` bytes by looking for the best pair among all, again and again.
    func mergeShort(_ part: UTF8Text, with scratch: Scratch, into ids: inout [Int]) {
        let pieces = scratch.pieces, merges = scratch.merges
        var count = split(part, into: pieces)
        for index in 0..<max(count - 1, 0) {
            merges[index] = model.merge(pieces[index], pieces[index + 1], in: part)
        }
        while let best = Self.best(merges, count: count - 1) {
            pieces[best] = Piece(id: merges[best].id, start: pieces[best].start, end: pieces[best + 1].end)
            count -= 1
            for index in best..<count - 1 {
                pieces[index + 1] = pieces[index + 2]
                merges[index] = merges[index + 1]
            }
            if best > 0 { merges[best - 1] = model.merge(pieces[best - 1], pieces[best], in: part) }
            if best < count - 1 { merges[best] = model.merge(pieces[best], pieces[best + 1], in: part) }
        }
        for index in 0..<count { append(pieces[index], of: part, to: &ids) }
    }

    private func split(_ part: UTF8Text, into pieces: UnsafeMutablePointer<Piece>) -> Int {
        var start = 0, count = 0
        while start < part.count {
            guard let piece = model.piece(of: part, at: start) else {
                start += 1
                continue
            }
            pieces[count] = piece
            count += 1
            start = Int(piece.end)
        }
        return count
    }

    @inline(__always) private static func best(_ merges: UnsafeMutablePointer<Merge>, count: Int) -> Int? {
        var best = -1, rank = UInt32.max
        for index in 0..<max(count, 0) where merges[index].rank < rank {
            (best, rank) = (index, merges[index].rank)
        }
        return best < 0 ? nil : best
    }
}
