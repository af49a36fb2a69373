/// Words as sequences of token ids in one block; merging shortens a word in its place.
struct SymbolWords {
    private var symbols: [UInt32] = []
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    private let counts: [Int]

    /// Bytes without an id are left out.
    init(_ words: WordCounter, _ ids: [UInt32?]) {
        counts = words.counts
        starts.reserveCapacity(words.count)
        lengths.reserveCapacity(words.count)
        for word in 0..<words.count {
            starts.append(symbols.count)
            for byte in words[word] { ids[Int(byte)].map { symbols.append($0) } }
            lengths.append(Int32(symbols.count - starts[word]))
        }
    }

    func countPairs(into pairs: inout PairCounts) {
        for word in starts.indices where lengths[word] > 1 {
            for index in starts[word]..<(starts[word] + Int(lengths[word]) - 1) {
                pairs.add(symbols[index], symbols[index + 1], counts[word], in: UInt32(word))
            }
        }
    }

    /// Joins every `left` followed by `right` in one word, and notes which pairs went and came.
    mutating func merge(
        _ left: UInt32,
        _ right: UInt32,
        into id: UInt32,
        in word: Int,
        _ pairs: inout PairCounts
    ) {
        let count = counts[word], length = Int(lengths[word]), start = starts[word]
        symbols.withUnsafeMutableBufferPointer { all in
            guard let base = all.baseAddress else { return }
            let symbols = base + start
            var from = 0
            while from + 1 < length, symbols[from] != left || symbols[from + 1] != right { from += 1 }
            var to = from
            while from < length {
                guard from + 1 < length, symbols[from] == left, symbols[from + 1] == right else {
                    symbols[to] = symbols[from]
                    (to, from) = (to + 1, from + 1)
                    continue
                }
                if to > 0 {
                    pairs.remove(symbols[to - 1], left, count)
                    pairs.add(symbols[to - 1], id, count, in: UInt32(word))
                }
                if from + 2 < length {
                    pairs.remove(right, symbols[from + 2], count)
                    pairs.add(id, symbols[from + 2], count, in: UInt32(word))
                }
                symbols[to] = id
                (to, from) = (to + 1, from + 2)
            }
            lengths[word] = Int32(to)
        }
    }
}
