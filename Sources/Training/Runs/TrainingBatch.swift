/// What one forward and backward pass learns from: documents, or parts of them, laid end to end, one row for each token.
public struct TrainingBatch: Sendable, Hashable {
    public let tokens: [Int32]
    /// The token that should follow each row, or a negative number where nothing is to be learnt.
    public let targets: [Int32]
    /// The rows of each document; together they cover all, in order, and none sees another.
    public let documents: [Range<Int>]

    /// - Precondition: as many targets as tokens, and documents that cover them.
    public init(tokens: [Int32], targets: [Int32], documents: [Range<Int>]) {
        precondition(tokens.count == targets.count, "\(targets.count) targets for \(tokens.count) tokens")
        precondition(documents.reduce(0) { $1.lowerBound == $0 ? $1.upperBound : -1 } == tokens.count, "\(documents)")
        (self.tokens, self.targets, self.documents) = (tokens, targets, documents)
    }

    /// Rows that something is learnt from.
    public var counted: Int { targets.count { $0 >= 0 } }
}

/// Where a run's batches come from.
///
/// The data does not change; where a run is in it is a small value that a checkpoint keeps, so that a run goes on exactly.
public protocol TrainingData: Sendable {
    associatedtype Cursor: Codable, Sendable, Hashable

    /// The place where a run begins.
    var start: Cursor { get }
    /// What tells this data from other data; a checkpoint is only continued with the data it was made with.
    var fingerprint: String { get }
    /// The same batches whenever it is asked, never learnt from. Empty for none.
    var validation: [TrainingBatch] { get }

    /// The batch at a place, which moves on.
    func next(_ cursor: inout Cursor) throws -> TrainingBatch
}
