/// How documents become batches.
public struct PackingOptions: Sendable, Hashable {
    /// What becomes of a conversation or a preference that is longer than the context.
    public enum Overlong: String, Sendable, Codable, CaseIterable {
        /// It is left out, and counted.
        case setAside
        /// Its end is cut off; where nothing is left to learn, it is left out, and counted.
        case truncated
    }

    /// The most rows of a batch. Texts fill it to the last row.
    public var batchTokens: Int
    /// The most rows of one document. A longer text is learnt in pieces, each from position 0.
    public var context: Int
    public var seed: UInt64 = 0
    /// The share of rows that is never learnt from, such as 0.01.
    public var heldOut = 0.0
    /// About how many tokens of what is held out are measured.
    public var validationTokens = 1 << 16
    public var overlong = Overlong.setAside

    /// - Precondition: both are positive.
    public init(batchTokens: Int, context: Int) {
        precondition(batchTokens > 0 && context > 0, "batches of \(batchTokens) tokens, context of \(context)")
        (self.batchTokens, self.context) = (batchTokens, context)
    }

    var identity: String { "\(batchTokens) \(context) \(seed) \(heldOut) \(overlong.rawValue)" }
}

/// What packing a dataset leaves out and what it makes.
public struct PackingCounts: Sendable, Hashable {
    /// Documents learnt from in an epoch, and their rows; of preferences, pairs.
    public var documents = 0, rows = 0
    public var heldOut = 0
    /// Longer than the context or the batch: left out, or cut.
    public var overlong = 0, truncated = 0

    public init() {}
}
