import Foundation

/// Pieces with the logarithms of their probabilities. The first ones are the single characters, which always stay.
package struct PieceModel: Sendable {
    static let none = UInt32.max
    /// No piece counts as rarer than this when whole runs are weighed.
    private static let leastScore = -18.0
    /// The factor for each symbol of a run that keeps the product of many probabilities within a `Double`.
    private static let scale = 6.0

    package private(set) var pieces: [[UInt32]]
    package private(set) var scores: [Double]
    let alphabet: Int
    private let trie: PairTable
    private var nodes: [UInt32] = []
    /// The piece that ends at each node of the trie, or `none`.
    private(set) var pieceAt: [UInt32] = [PieceModel.none]

    /// The characters are numbered from 0; they come first, each as a piece.
    package init(alphabet: Int, _ seeds: [(symbols: [UInt32], weight: Double)]) {
        self.alphabet = alphabet
        pieces = (0..<UInt32(alphabet)).map { [$0] } + seeds.map(\.symbols)
        let total = seeds.reduce(Double(alphabet)) { $0 + $1.weight }
        scores = [Double](repeating: log(1 / total), count: alphabet) + seeds.map { log($0.weight / total) }
        trie = PairTable(capacity: pieces.reduce(0) { $0 + $1.count })
        for piece in pieces.indices { insert(UInt32(piece)) }
    }

    package var count: Int { pieces.count }

    private mutating func insert(_ piece: UInt32) {
        var node: UInt32 = 0
        for symbol in pieces[Int(piece)] {
            let next = trie.find(node, symbol)?.first ?? UInt32(pieceAt.count)
            if next == pieceAt.count { pieceAt.append(Self.none) }
            trie.insert(node, symbol, .init(first: next, second: 0))
            node = next
        }
        pieceAt[Int(node)] = piece
        nodes.append(node)
    }

    @inline(__always) func child(of node: UInt32, _ symbol: UInt32) -> UInt32? { trie.find(node, symbol)?.first }

    /// A model of some of the pieces, in the same order, with new scores.
    func keeping(_ kept: [Int], scores: [Double]) -> PieceModel {
        var model = self
        model.pieces = kept.map { pieces[$0] }
        model.nodes = kept.map { nodes[$0] }
        model.scores = scores
        for node in nodes { model.pieceAt[Int(node)] = Self.none }
        for (piece, node) in model.nodes.enumerated() { model.pieceAt[Int(node)] = UInt32(piece) }
        return model
    }

    /// What each piece multiplies the probability of a run by, scaled.
    var weights: [Double] {
        zip(pieces, scores).map { exp(max($1, Self.leastScore) + Self.scale * Double($0.count)) }
    }

    static func unscaled(_ sum: Double, length: Int) -> Double { log(sum) - scale * Double(length) }
}

extension PieceModel {
    /// Maximisation (Liang and Klein 2007: a prior that favours few pieces): expected counts become scores, and pieces
    /// that are hardly expected go.
    package func estimated(by counts: [Double]) -> PieceModel {
        let kept = pieces.indices.filter { $0 < alphabet || counts[$0] >= 0.5 }
        let sum = kept.reduce(0) { $0 + counts[$1] }
        return keeping(kept, scores: kept.map { Self.digamma(max(counts[$0], 0.1)) - Self.digamma(sum) })
    }

    /// The derivative of the logarithm of the gamma function (Abramowitz and Stegun 6.3.5, 6.3.18).
    static func digamma(_ value: Double) -> Double {
        var value = value, result = 0.0
        while value < 7 {
            result -= 1 / value
            value += 1
        }
        let square = 1 / (value * value)
        let series = square * (1 / 12.0 - square * (1 / 120.0 - square * (1 / 252.0 - square / 240)))
        return result + log(value) - 0.5 / value - series
    }
}
