/// Words as runs of numbered characters, cut where a character has no number, with how often each was seen.
package struct PieceRuns: Sendable {
    /// The most symbols in a run, so that probabilities of whole runs stay within a `Double`.
    static let longest = 48

    private(set) var symbols: [UInt32] = []
    /// Where each run begins, and the end of the last.
    private(set) var starts = [0]
    private(set) var counts: [Int] = []

    package init(_ runs: [(symbols: [UInt32], count: Int)]) {
        for run in runs {
            symbols += run.symbols
            close(run.count)
        }
    }

    /// The most frequent words first, of equals by their bytes: an order that does not depend on threads.
    init(_ words: WordCounter, _ alphabet: PieceAlphabet) {
        let order = (0..<words.count).sorted { a, b in
            guard words.counts[a] == words.counts[b] else { return words.counts[a] > words.counts[b] }
            return words[a].lexicographicallyPrecedes(words[b])
        }
        for word in order {
            PieceAlphabet.forEachScalar(of: words[word]) { scalar in
                let symbol = alphabet.symbol(of: scalar)
                if symbol == PieceAlphabet.none || symbols.count - starts[counts.count] == Self.longest {
                    close(words.counts[word])
                }
                if symbol != PieceAlphabet.none { symbols.append(symbol) }
            }
            close(words.counts[word])
        }
    }

    private mutating func close(_ count: Int) {
        guard symbols.count > starts[counts.count] else { return }
        counts.append(count)
        starts.append(symbols.count)
    }

    var count: Int { counts.count }

    func range(of run: Int) -> Range<Int> { starts[run]..<starts[run + 1] }
}
