/// The merges that the scores of a SentencePiece vocabulary imply: every token from any two that spell it.
///
/// A token that no two others spell is not reached by merges, though SentencePiece may reach it through what is no token.
enum ImpliedMerges {
    private struct Merge {
        var score: Double
        var left, right: Int
    }

    /// The highest score first; of one token's merges the one with the longest left half.
    static func list(_ specification: TokenizerSpecification) -> [String] {
        let normal = specification.tokens.indices.filter { specification.kind(of: $0) == .normal }
        let ids = Dictionary(normal.map { (ExactString(specification.tokens[$0]), $0) }) { first, _ in first }
        var merges: [Merge] = []
        for id in normal {
            let token = specification.tokens[id]
            for border in token.unicodeScalars.indices.dropFirst().reversed() {
                let (left, right) = (String(token[..<border]), String(token[border...]))
                guard let left = ids[ExactString(left)], let right = ids[ExactString(right)] else { continue }
                merges.append(Merge(score: specification.scores[id], left: left, right: right))
            }
        }
        let order = merges.indices.sorted { a, b in
            merges[a].score == merges[b].score ? a < b : merges[a].score > merges[b].score
        }
        return order.map { "\(specification.tokens[merges[$0].left]) \(specification.tokens[merges[$0].right])" }
    }
}

extension TokenizerSpecification {
    /// The merges that the scores of SentencePiece's byte pairs imply, the first with the highest rank.
    package var impliedMerges: [String] { ImpliedMerges.list(self) }
}
