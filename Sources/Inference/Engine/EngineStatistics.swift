/// How an engine fares; a cheap copy for metrics.
public struct EngineStatistics: Sendable, Hashable {
    public var running = 0
    /// In the queue, or out of their seats because blocks ran out.
    public var waiting = 0
    /// Cache blocks of 16 positions: all; held by requests; free but with contents that may be found again. The rest is empty.
    public var blocksTotal = 0
    public var blocksUsed = 0
    public var blocksCached = 0
    public var blocksFree: Int { blocksTotal - blocksUsed }

    /// Prompt tokens of the requests that were seated, and how many of these were found in the cache.
    public var promptTokens = 0
    public var cachedTokens = 0
    public var generatedTokens = 0
    /// Tokens that were guessed ahead, and how many of these were right.
    public var draftedTokens = 0
    public var acceptedTokens = 0
    public var steps = 0
    /// Seconds of the steps that went into choosing tokens from logits.
    public var samplingSeconds = 0.0
    public var preemptions = 0

    public var accepted = 0
    public var finished = 0
    public var cancelled = 0
    public var failed = 0
    /// Refused because the queue was full, and because they were not valid or did not fit.
    public var rejectedFull = 0
    public var rejectedInvalid = 0

    /// Seconds.
    public var stepTime = Histogram(bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5])
    public var firstTokenLatency = Histogram(bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
    public var interTokenLatency = Histogram(bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5])
    public var queueTime = Histogram(bounds: [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60])

    public init() {}
}

/// Counts of observations by size.
public struct Histogram: Sendable, Hashable {
    /// Upper bounds, ascending; what is above the last falls into one more bucket.
    public let bounds: [Double]
    /// One more than `bounds`; not cumulative.
    public private(set) var counts: [Int]
    public private(set) var sum = 0.0
    public var count: Int { counts.reduce(0, +) }

    public init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    public mutating func observe(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    public mutating func observe(_ duration: Duration) { observe(duration.seconds) }
}

extension Duration {
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
