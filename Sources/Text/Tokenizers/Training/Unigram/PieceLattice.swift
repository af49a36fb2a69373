import Foundation

/// All pieces that stand anywhere in a run.
struct PieceLattice {
    private struct Edge {
        var start, end, piece: Int32
    }

    private var edges: [Edge] = []
    private var length = 0
    private var forward: [Double] = [], backward: [Double] = []
    private var best: [(score: Double, edge: Int)] = []

    mutating func fill(_ model: PieceModel, _ runs: PieceRuns, _ run: Int) {
        runs.symbols.withUnsafeBufferPointer { fill(model, UnsafeBufferPointer(rebasing: $0[runs.range(of: run)])) }
    }

    /// Finds the pieces in order of where they begin; `without` is left out.
    mutating func fill(_ model: PieceModel, _ run: UnsafeBufferPointer<UInt32>, without: Int = -1) {
        edges.removeAll(keepingCapacity: true)
        length = run.count
        for start in 0..<length {
            var node: UInt32 = 0, index = start
            while index < length, let child = model.child(of: node, run[index]) {
                node = child
                index += 1
                let piece = model.pieceAt[Int(node)]
                guard piece != PieceModel.none, Int(piece) != without else { continue }
                edges.append(Edge(start: Int32(start), end: Int32(index), piece: Int32(piece)))
            }
        }
    }

    /// Adds how often each piece is expected in the run, and the logarithm of the run's probability.
    mutating func expect(_ weights: [Double], times: Double, into result: inout PieceModel.Expectations) {
        reset(&forward)
        reset(&backward)
        (forward[0], backward[length]) = (1, 1)
        for edge in edges {
            forward[Int(edge.end)] += forward[Int(edge.start)] * weights[Int(edge.piece)]
        }
        let sum = forward[length]
        guard sum > 0, sum.isFinite else { return }
        let factor = times / sum
        for edge in edges.reversed() {
            let after = weights[Int(edge.piece)] * backward[Int(edge.end)]
            backward[Int(edge.start)] += after
            result.counts[Int(edge.piece)] += forward[Int(edge.start)] * after * factor
        }
        result.likelihood += times * PieceModel.unscaled(sum, length: length)
    }

    private func reset(_ sums: inout [Double], to value: Double = 0) {
        sums.removeAll(keepingCapacity: true)
        sums.append(contentsOf: repeatElement(value, count: length + 1))
    }

    /// The pieces of the most probable cut, the last one first; none where there is no cut.
    mutating func bestCut(_ scores: [Double]) -> [Int] {
        best.removeAll(keepingCapacity: true)
        best.append(contentsOf: repeatElement((score: -.infinity, edge: -1), count: length + 1))
        best[0].score = 0
        for (index, edge) in edges.enumerated() {
            let score = best[Int(edge.start)].score + scores[Int(edge.piece)]
            if score > best[Int(edge.end)].score { best[Int(edge.end)] = (score, index) }
        }
        var pieces: [Int] = [], end = length
        while end > 0, best[end].edge >= 0 {
            let edge = edges[best[end].edge]
            pieces.append(Int(edge.piece))
            end = Int(edge.start)
        }
        return end == 0 ? pieces : []
    }
}
