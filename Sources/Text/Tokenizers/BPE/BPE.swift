/// Byte-pair encoding (Sennrich et al. 2016) of text without special tokens.
///
/// Words are cut where no merge can cross (``Joints``), so that most parts are short and known already.
struct BPE<Model: BPEModel>: Sendable {
    let model: Model
    let joints: Joints

    /// A part is never longer, so that offsets into it fit in 32 bits with room to spare.
    private static var longestPart: Int { 1 << 30 }

    func encode(_ text: UTF8Text, with scratch: Scratch, into ids: inout [Int]) {
        var start = 0
        while start < text.count {
            let end = model.wordEnd(in: text, from: start)
            let word = UTF8Text(text.base + start, count: end - start)
            if word.count <= WordCache.longestWord {
                encode(short: word, isPart: false, with: scratch, into: &ids)
            } else {
                encode(long: word, with: scratch, into: &ids)
            }
            start = end
        }
    }

    private func encode(long word: UTF8Text, with scratch: Scratch, into ids: inout [Int]) {
        if let id = model.token(forWord: word) { return ids.append(Int(id)) }
        var start = 0
        while start < word.count {
            let end = joints.partEnd(in: word, from: start, to: min(word.count, start + Self.longestPart))
            let part = UTF8Text(word.base + start, count: end - start)
            if part.count <= WordCache.longestWord {
                encode(short: part, isPart: true, with: scratch, into: &ids)
            } else {
                merge(part, with: scratch, into: &ids)
            }
            start = end
        }
    }

    @inline(__always)
    private func encode(short word: UTF8Text, isPart: Bool, with scratch: Scratch, into ids: inout [Int]) {
        let key = WordCache.key(word, isPart: isPart)
        if scratch.cache.append(key, to: &ids) { return }
        encode(new: word, key, isPart: isPart, with: scratch, into: &ids)
    }

    @inline(never)
    private func encode(
        new word: UTF8Text,
        _ key: WordCache.Key,
        isPart: Bool,
        with scratch: Scratch,
        into ids: inout [Int]
    ) {
        let start = ids.count
        if !isPart, let id = model.token(forWord: word) {
            ids.append(Int(id))
        } else {
            merge(word, with: scratch, into: &ids)
        }
        scratch.cache.insert(key, ids[start...])
    }

    private func merge(_ part: UTF8Text, with scratch: Scratch, into ids: inout [Int]) {
        if part.count <= Scratch.shortest {
            mergeShort(part, with: scratch, into: &ids)
        } else {
            mergeLong(part, into: &ids)
        }
    }

    func append(_ piece: Piece, of part: UTF8Text, to ids: inout [Int]) {
        if piece.id == Piece.none {
            model.appendFallback(for: piece, in: part, to: &ids)
        } else {
            ids.append(Int(piece.id))
        }
    }
}
