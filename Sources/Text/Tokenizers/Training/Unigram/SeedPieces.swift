import Foundation

/// The substrings to begin with, by a sorted array of all suffixes, each no longer than a piece may be.
///
/// A substring counts if it cannot be made longer without losing occurrences. Those that cover most text are kept.
struct SeedPieces {
    private struct Candidate {
        var position, length: UInt32
        var weight: Int
        var score: Int { weight * Int(length) }
    }

    /// So many symbols are searched, those of the most frequent words; what is rarer can hardly become a piece.
    private static let mostSymbols = 1 << 24

    private let symbols: [UInt32]
    /// The suffix at each place: how long it is at most, and how often it was seen.
    private let lengths: [UInt8]
    private let weights: [Int]
    private let most: Int

    init(_ runs: PieceRuns, longest: Int, most: Int) {
        var lengths: [UInt8] = [], weights: [Int] = []
        for run in 0..<runs.count where runs.starts[run] < Self.mostSymbols {
            let range = runs.range(of: run)
            lengths += range.map { UInt8(min(longest, range.upperBound - $0)) }
            weights += repeatElement(runs.counts[run], count: range.count)
        }
        (symbols, self.lengths, self.weights, self.most) = (runs.symbols, lengths, weights, most)
    }

    /// The pieces of two and more symbols, each with how often it stands in the text.
    func find() -> [(symbols: [UInt32], weight: Double)] {
        best(candidates()).map { candidate in
            let start = Int(candidate.position)
            return (Array(symbols[start..<(start + Int(candidate.length))]), Double(candidate.weight))
        }
    }

    /// All suffixes in order: sorted by their first symbol, then symbol by symbol.
    private func sorted() -> [UInt32] {
        var suffixes = (0..<UInt32(lengths.count)).map { $0 }
        symbols.withUnsafeBufferPointer { symbols in
            lengths.withUnsafeBufferPointer { lengths in
                suffixes.sort { Self.precedes(Int($0), Int($1), symbols, lengths) }
            }
        }
        return suffixes
    }

    @inline(__always) private static func precedes(
        _ a: Int,
        _ b: Int,
        _ symbols: UnsafeBufferPointer<UInt32>,
        _ lengths: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let shared = Int(min(lengths[a], lengths[b]))
        for index in 0..<shared where symbols[a + index] != symbols[b + index] {
            return symbols[a + index] < symbols[b + index]
        }
        return lengths[a] == lengths[b] ? a < b : lengths[a] < lengths[b]
    }

    private func shared(_ a: Int, _ b: Int) -> Int {
        let most = Int(min(lengths[a], lengths[b]))
        return (0..<most).first { symbols[a + $0] != symbols[b + $0] } ?? most
    }

    /// The nodes of the tree of suffixes, found on the way along the sorted array.
    private func candidates() -> [Candidate] {
        var found: [Candidate] = [], open: [(depth: Int, weight: Int)] = [], last = 0
        func close(to depth: Int) {
            var weight = 0
            while let node = open.last, node.depth > depth {
                open.removeLast()
                weight += node.weight
                guard node.depth > 1, weight > 1 else { continue }
                found.append(Candidate(position: UInt32(last), length: UInt32(node.depth), weight: weight))
            }
            if let node = open.last, node.depth == depth {
                open[open.count - 1].weight = node.weight + weight
            } else if depth > 0 {
                open.append((depth, weight))
            }
        }
        for suffix in sorted().lazy.map(Int.init) {
            close(to: open.isEmpty ? 0 : shared(last, suffix))
            let length = Int(lengths[suffix])
            if let node = open.last, node.depth == length {
                open[open.count - 1].weight += weights[suffix]
            } else {
                open.append((length, weights[suffix]))
            }
            last = suffix
            if found.count > 8 * most { found = best(found) }
        }
        close(to: 0)
        return found
    }

    private func best(_ candidates: [Candidate]) -> [Candidate] {
        let sorted = candidates.sorted { $0.score == $1.score ? $0.position < $1.position : $0.score > $1.score }
        return Array(sorted.prefix(most))
    }
}
