public import Tensors

/// Whole texts for an encoder, laid end to end without padding: one row for each token.
public struct TextBatch: Sendable {
    /// The rows of each text.
    public let texts: [Range<Int>]
    /// Which of a text's parts each token is in: 0, or 1 for the second of two.
    let segments: [Int32]
    let rows: Batch

    /// - Parameters:
    ///   - texts: the tokens of each; none may be empty.
    ///   - segments: of each text's tokens; nil where all are 0.
    public init(_ texts: [[Int32]], segments: [[Int32]]? = nil, for shape: CacheShape) {
        precondition(texts.allSatisfy { !$0.isEmpty }, "a text of a batch is empty")
        let ends = texts.reduce(into: [0]) { $0.append($0.last! + $1.count) }
        self.texts = texts.indices.map { ends[$0]..<ends[$0 + 1] }
        self.segments = segments.map { Array($0.joined()) } ?? [Int32](repeating: 0, count: ends.last!)
        precondition(self.segments.count == ends.last!, "\(self.segments.count) segments for \(ends.last!) tokens")
        rows = Batch(tokens: Array(texts.joined()), documents: self.texts, for: shape, sight: .around)
    }
}
