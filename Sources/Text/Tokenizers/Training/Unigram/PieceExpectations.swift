import Foundation

extension PieceModel {
    package struct Expectations: Sendable {
        /// How often each piece is expected in the text.
        package var counts: [Double]
        /// The logarithm of the probability of the text.
        package var likelihood = 0.0
    }

    /// Expectation: the sum over all ways to cut each run, by the forward and backward sums of its lattice.
    package func expectations(of runs: PieceRuns, threads: Int) -> Expectations {
        let weights = weights
        let parts = PieceShards.map(runs, threads: threads) { range in
            var lattice = PieceLattice(), result = Expectations(counts: [Double](repeating: 0, count: count))
            for run in range {
                lattice.fill(self, runs, run)
                lattice.expect(weights, times: Double(runs.counts[run]), into: &result)
            }
            return result
        }
        return parts.dropFirst().reduce(into: parts[0]) { sum, part in
            for piece in part.counts.indices { sum.counts[piece] += part.counts[piece] }
            sum.likelihood += part.likelihood
        }
    }
}

/// Runs divided among threads, always in the same shares, so that sums do not depend on the number of threads.
enum PieceShards {
    private static let count = 4

    static func map<Result: Sendable>(
        _ runs: PieceRuns,
        threads: Int,
        _ body: @Sendable (Range<Int>) -> Result
    ) -> [Result] {
        let borders = (0...count).map { share in
            runs.starts.partition { $0 >= runs.symbols.count * share / count }
        }
        let ranges = (0..<count).map { borders[$0]..<max(borders[$0], min(borders[$0 + 1], runs.count)) }
        guard threads > 1 else { return ranges.map(body) }
        let results = Results<Result>(count)
        DispatchQueue.concurrentPerform(iterations: count) { results[$0] = body(ranges[$0]) }
        return results.all
    }

    /// One place for each share, which one thread writes.
    private final class Results<Result>: @unchecked Sendable {
        private let places: UnsafeMutablePointer<Result?>
        private let count: Int

        init(_ count: Int) {
            self.count = count
            places = .allocate(capacity: count)
            places.initialize(repeating: nil, count: count)
        }

        deinit {
            places.deinitialize(count: count)
            places.deallocate()
        }

        subscript(index: Int) -> Result? {
            get { places[index] }
            set { places[index] = newValue }
        }

        var all: [Result] { (0..<count).compactMap { places[$0] } }
    }
}

extension [Int] {
    /// The first index whose element, in an ascending array, is so.
    fileprivate func partition(_ isSo: (Int) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if isSo(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
