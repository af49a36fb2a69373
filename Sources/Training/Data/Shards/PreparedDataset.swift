public import Foundation

/// Documents as token ids, in shards on disk that are mapped into memory.
///
///     let dataset = try PreparedDataset.prepare([DataSource(file)], tokenizer, template, in: datasets)
///     let data = try PackedDocuments(dataset, PackingOptions(batchTokens: 4096, context: 1024))
///
/// The folder is named by what it was made from, so that the same files are prepared once:
///
///     dataset.json      what it is, and its statistics
///     shard-00000 …     token ids, what of them is learnt, where documents end
///     rejected.jsonl    rows that cannot be learnt from: where they stood, why, and as they were
public struct PreparedDataset: Sendable {
    public let folder: URL
    /// What its documents are; of preferences, two for each pair, the chosen first.
    public let kind: Example.Kind
    public let statistics: DatasetStatistics
    /// The size of the vocabulary that its ids are of.
    public let vocabulary: Int
    private let shards: [Shard]
    /// The number of the first document of each shard, and of all.
    private let firsts: [Int]

    /// - Throws: `DataError.damaged` where a file is missing or not what a preparation wrote.
    public init(opening folder: URL) throws(DataError) {
        let url = folder.appending(path: DatasetDescription.fileName)
        let description: DatasetDescription
        do {
            description = try JSONDecoder().decode(DatasetDescription.self, from: Data(contentsOf: url))
        } catch { throw .damaged(file: url.path, problem: "it is missing or not what a preparation wrote") }
        guard description.version == ShardHeader.version, 1...1_000_000 ~= description.shards else {
            throw .damaged(file: url.path, problem: "it is of version \(description.version)")
        }
        (self.folder, kind, vocabulary) = (folder, description.kind, description.vocabulary)
        statistics = description.statistics
        var shards: [Shard] = [], firsts = [0]
        for index in 0..<description.shards {
            let shard = try Shard(path: folder.appending(path: DatasetDescription.shardName(index)).path)
            shards.append(shard)
            firsts.append(firsts[index] + shard.header.documents)
        }
        (self.shards, self.firsts) = (shards, firsts)
        let isWhole = shards.allSatisfy { $0.header.vocabulary == description.vocabulary }
        guard isWhole, documentCount == statistics.documents, kind != .preference || documentCount % 2 == 0 else {
            throw .damaged(file: url.path, problem: "its shards are not those it tells of")
        }
    }

    public var documentCount: Int { firsts[firsts.count - 1] }

    /// Tells this dataset from others: what it was made from, as a SHA-256.
    public var fingerprint: String { folder.lastPathComponent }

    /// The rows that cannot be learnt from.
    public var rejected: URL { folder.appending(path: DatasetDescription.rejectedName) }

    /// The shard that has a document, and the document's number there.
    private func place(_ document: Int) -> (Shard, Int) {
        precondition(document >= 0 && document < documentCount, "document \(document) of \(documentCount)")
        var low = 0, high = shards.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if firsts[middle] <= document { low = middle } else { high = middle }
        }
        return (shards[low], document - firsts[low])
    }

    /// Tokens of a document.
    package func length(of document: Int) -> Int {
        let (shard, index) = place(document)
        return shard.tokens(of: index).count
    }

    /// A number that is the same for all documents of a row and for equal rows, and else as good as drawn.
    package func key(of document: Int) -> UInt64 {
        let (shard, index) = place(document)
        return shard.key(of: index)
    }

    /// Rows of a document: each token but the last, and the token to be said after it, or -1 where that is not learnt.
    package func rows(_ rows: Range<Int>, of document: Int) throws(DataError) -> (tokens: [Int32], targets: [Int32]) {
        let (shard, index) = place(document)
        let all = shard.tokens(of: index), start = all.lowerBound + rows.lowerBound
        precondition(rows.upperBound < all.count, "rows \(rows) of a document of \(all.count) tokens")
        let tokens = try shard.tokens(start..<start + rows.count + 1)
        let targets = tokens.indices.dropFirst().map { shard.isLearnt(start + $0) ? tokens[$0] : -1 }
        return (Array(tokens.dropLast()), targets)
    }

    /// Whether something is learnt in the first rows of a document.
    package func learns(within rows: Int, of document: Int) -> Bool {
        let (shard, index) = place(document), start = shard.tokens(of: index).lowerBound
        return (0..<rows).contains { shard.isLearnt(start + $0 + 1) }
    }
}
