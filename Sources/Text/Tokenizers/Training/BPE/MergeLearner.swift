/// Learns merges from counted words: the most frequent pair again and again, counts kept up to date.
///
/// A queue entry is a pair with the words in which it stands; a merge touches those alone. Counts in the queue may be
/// too high, which is found out when they come up. All this, down to a pair whose token another pair has made before,
/// goes as in the reference's trainer, so that the merges are the same.
struct MergeLearner {
    private var tokens: [String]
    private var ids: [ExactString: UInt32] = [:]
    private var words: SymbolWords
    private var pairs = PairCounts()
    private var queue = PairQueue()
    private var merges: [(left: UInt32, right: UInt32)] = []

    init(_ words: WordCounter, _ alphabet: BPETrainer.Alphabet) {
        tokens = alphabet.tokens
        for (id, token) in tokens.enumerated() { ids[ExactString(token)] = UInt32(id) }
        self.words = SymbolWords(words, alphabet.ids)
        self.words.countPairs(into: &pairs)
        pairs.drain(born: 0, into: &queue)
    }

    mutating func learn(
        vocabularySize: Int,
        minimumFrequency: Int,
        progress: (TokenizerTraining.Progress) throws -> Void
    ) throws {
        let least = max(minimumFrequency, 1)
        while tokens.count < vocabularySize, let top = queue.popFirst() {
            let count = pairs.count(of: top.pair)
            guard count == top.count else {
                queue.insert(.init(count: count, pair: top.pair, born: top.born, list: top.list))
                continue
            }
            guard count >= least else { break }
            merge(top)
            if merges.count % 256 == 0 { try progress(.merging(tokens: tokens.count, of: vocabularySize)) }
        }
        try progress(.merging(tokens: tokens.count, of: vocabularySize))
    }

    private mutating func merge(_ top: PairQueue.Entry) {
        let (left, right) = (UInt32(top.pair >> 32), UInt32(truncatingIfNeeded: top.pair))
        let spelling = tokens[Int(left)] + tokens[Int(right)]
        let id = ids[ExactString(spelling)] ?? UInt32(tokens.count)
        if id == tokens.count {
            tokens.append(spelling)
            ids[ExactString(spelling)] = id
        }
        merges.append((left, right))
        for word in queue.takeList(top.list) { words.merge(left, right, into: id, in: Int(word), &pairs) }
        pairs.drain(born: merges.count, into: &queue)
    }

    /// The tokens and merges; of a pair that was merged twice the last rank counts.
    func specification(
        _ kind: TokenizerSpecification.Kind,
        specialTokens: [String]
    ) -> TokenizerSpecification {
        var last: [UInt64: Int] = [:]
        for (rank, merge) in merges.enumerated() { last[UInt64(merge.left) << 32 | UInt64(merge.right)] = rank }
        let kept = last.values.sorted().map { merges[$0] }
        let normal = [TokenizerSpecification.TokenKind](repeating: .normal, count: tokens.count - specialTokens.count)
        return TokenizerSpecification(
            kind: kind,
            tokens: tokens,
            kinds: specialTokens.map { _ in .control } + normal,
            merges: kept.map { "\(tokens[Int($0.left)]) \(tokens[Int($0.right)])" }
        )
    }
}
