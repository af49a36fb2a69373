import Foundation

/// Which pieces the text can best do without: what its probability loses if a piece is replaced, wherever the best cut
/// has it, by the best cut of the piece itself into others.
struct PiecePruning {
    private let model: PieceModel
    private let runs: PieceRuns
    private let threads: Int

    init(_ model: PieceModel, _ runs: PieceRuns, threads: Int) {
        (self.model, self.runs, self.threads) = (model, runs, threads)
    }

    /// The model of at most so many pieces; single characters stay.
    func pruned(to size: Int) -> PieceModel {
        let counts = bestCounts(), losses = losses(counts)
        let optional = (model.alphabet..<model.count).filter { losses[$0] > -.infinity }
        let ranked = optional.sorted { losses[$0] == losses[$1] ? $0 < $1 : losses[$0] > losses[$1] }
        let kept = Array(0..<model.alphabet) + ranked.prefix(max(size - model.alphabet, 0)).sorted()
        return model.keeping(kept, scores: kept.map { model.scores[$0] })
    }

    /// How often each piece stands in the best cut of the text.
    private func bestCounts() -> [Double] {
        let model = model, runs = runs
        let parts = PieceShards.map(runs, threads: threads) { range in
            var lattice = PieceLattice(), counts = [Double](repeating: 0, count: model.count)
            for run in range {
                lattice.fill(model, runs, run)
                for piece in lattice.bestCut(model.scores) { counts[piece] += Double(runs.counts[run]) }
            }
            return counts
        }
        return parts.dropFirst().reduce(into: parts[0]) { sum, part in
            for piece in part.indices { sum[piece] += part[piece] }
        }
    }

    /// For each piece what its removal costs, or minus infinity where nothing has it.
    private func losses(_ counts: [Double]) -> [Double] {
        let sum = counts.reduce(0, +)
        var lattice = PieceLattice()
        return model.pieces.indices.map { piece in
            guard piece >= model.alphabet else { return .infinity }
            guard counts[piece] > 0 else { return -.infinity }
            let others = model.pieces[piece].withUnsafeBufferPointer { symbols in
                lattice.fill(model, symbols, without: piece)
                return lattice.bestCut(model.scores)
            }
            let newSum = log(sum + counts[piece] * Double(others.count - 1))
            let replaced = others.reduce(0) { $0 + log(counts[$1] + counts[piece]) - newSum }
            return counts[piece] / sum * (log(counts[piece] / sum) - replaced)
        }
    }
}
