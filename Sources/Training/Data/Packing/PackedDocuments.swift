/// Prepared documents laid end to end, in an order drawn from a seed, each once in an epoch and a new order in each.
///
/// Texts are cut where a batch ends and go on in the next; the two pieces do not see each other. A conversation or a pair of answers is
/// never parted. Several datasets take turns so that what was drawn of each keeps to its weight.
public struct PackedDocuments: TrainingData {
    /// A dataset, and the share of rows that it gives.
    public struct Part: Sendable {
        public var dataset: PreparedDataset
        /// nil for the number of its rows.
        public var weight: Double?

        public init(_ dataset: PreparedDataset, weight: Double? = nil) {
            (self.dataset, self.weight) = (dataset, weight)
        }
    }

    /// Where a run is in one dataset.
    public struct Place: Codable, Sendable, Hashable {
        public var epoch = 0
        /// How many documents or pairs of the epoch are behind, and rows of the present one.
        public var position = 0, offset = 0
        /// Rows drawn since the beginning.
        public var drawn = 0
    }

    /// Where a run is: a place in each dataset.
    public struct Cursor: Codable, Sendable, Hashable {
        public var places: [Place]
    }

    public let options: PackingOptions
    public let validation: [TrainingBatch]
    public let fingerprint: String
    private let feeds: [Feed]
    private let weights: [Double]

    public init(_ dataset: PreparedDataset, _ options: PackingOptions) throws {
        try self.init([Part(dataset)], options)
    }

    /// - Parameter validation: datasets to measure instead of what is held out; nothing is learnt from them.
    /// - Throws: `DataError.empty` where a dataset has nothing to learn from.
    public init(
        _ parts: [Part],
        validation: [PreparedDataset] = [],
        _ options: PackingOptions
    ) throws {
        guard !parts.isEmpty else { throw DataError.empty(reason: "no dataset is named") }
        try Self.check(parts, validation, options)
        self.options = options
        feeds = parts.enumerated().map { Feed($1.dataset, options, number: $0) }
        for feed in feeds where feed.counts.documents == 0 { throw DataError.empty(reason: Self.lack(feed)) }
        weights = zip(parts, feeds).map { $0.weight ?? Double($1.counts.rows) }
        let share = options.validationTokens / max(1, validation.isEmpty ? feeds.count : validation.count)
        self.validation =
            validation.isEmpty
            ? try feeds.flatMap { try $0.validation(tokens: share) }
            : try validation.flatMap { try Self.measured($0, options, tokens: share) }
        let names = zip(parts, weights).map { "\($0.dataset.fingerprint) \($1)" }
        fingerprint = "\(names.joined(separator: ", ")); \(options.identity)"
    }

    private static func check(
        _ parts: [Part],
        _ validation: [PreparedDataset],
        _ options: PackingOptions
    ) throws(DataError) {
        guard options.heldOut >= 0, options.heldOut < 1 else {
            throw .empty(reason: "a share of \(options.heldOut) is held out; it must be at least 0 and below 1")
        }
        for part in parts {
            if let weight = part.weight, !(weight > 0 && weight.isFinite) {
                throw .empty(reason: "a dataset has the weight \(weight); it must be above 0")
            }
        }
        let all = parts.map(\.dataset) + validation
        guard Set(all.map(\.vocabulary)).count == 1 else {
            throw .empty(reason: "the datasets were prepared with different tokenizers; prepare them with one")
        }
        guard Set(all.map { $0.kind == .preference }).count == 1 else {
            throw .empty(reason: "preferences are learnt in another way than texts; mix only datasets of one kind")
        }
    }

    private static func lack(_ feed: Feed) -> String {
        let counts = feed.counts
        return
            "of \(feed.units) documents \(counts.heldOut) are held out and \(counts.overlong) are longer than the context; "
            + "hold out less, lengthen the context or have them truncated"
    }

    /// Batches of a dataset that is there to be measured, of about so many tokens, drawn evenly.
    private static func measured(
        _ dataset: PreparedDataset,
        _ options: PackingOptions,
        tokens: Int
    ) throws -> [TrainingBatch] {
        var options = options
        options.heldOut = 0
        let share = Double(tokens) / Double(max(1, dataset.statistics.tokens))
        return try Feed(dataset, options, number: 0).measured(share: share)
    }

    public var start: Cursor { Cursor(places: feeds.map { _ in Place() }) }

    public func next(_ cursor: inout Cursor) throws -> TrainingBatch {
        guard cursor.places.count == feeds.count else {
            throw DataError.cursor(problem: "it is in \(cursor.places.count) datasets, not in \(feeds.count)")
        }
        var batch = Packer(capacity: options.batchTokens)
        while batch.room > 0 {
            let turn = turn(cursor)
            guard try feeds[turn].give(&batch, &cursor.places[turn]) else { break }
        }
        return batch.batch
    }

    /// The dataset that is furthest behind its weight.
    private func turn(_ cursor: Cursor) -> Int {
        let behind = zip(cursor.places, weights).map { Double($0.drawn) / $1 }
        return behind.indices.min { behind[$0] < behind[$1] } ?? 0
    }

    /// What each dataset gives and what is left out of it.
    public var counts: [PackingCounts] { feeds.map(\.counts) }

    /// Batches in which as many rows are learnt from as all datasets have.
    ///
    /// Exact for texts, whose batches are full, but for the last that begins in one epoch and ends in the next; an estimate for
    /// conversations and preferences, whose batches end where the next does not fit.
    public var batchesPerEpoch: Int {
        let rows = counts.reduce(0) { $0 + $1.rows }, units = counts.reduce(0) { $0 + $1.documents }
        let isFull = feeds.allSatisfy { $0.dataset.kind == .text }
        let unused = isFull ? 0 : min(Double(rows) / Double(units) / 2, Double(options.batchTokens) / 2)
        return max(1, Int((Double(rows) / (Double(options.batchTokens) - unused)).rounded(.up)))
    }
}
