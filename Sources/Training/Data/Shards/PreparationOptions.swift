public import Foundation

/// How data is prepared. None of it changes what comes out, except the fingerprint.
public struct PreparationOptions: Sendable, Hashable {
    /// Threads that make tokens.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    /// How many rows may be set aside before the preparation gives up; nil for any number.
    public var maxRejected: Int?
    /// What tells the tokenizer from others, such as a model's fingerprint; nil to ask the tokenizer itself.
    public var tokenizerFingerprint: String?
    /// Tokens and documents after which a shard ends, and the most bytes of a row.
    package var shardTokens = 1 << 25, shardDocuments = 1 << 19, rowBytes = DataFormat.rowLimit

    public init() {}
}

/// How far a preparation is.
public struct PreparationProgress: Sendable, Hashable {
    /// The file at work.
    public var source: URL
    /// Bytes read of all files, and how many there are.
    public var bytes = 0, totalBytes: Int
    public var statistics = DatasetStatistics()
}
