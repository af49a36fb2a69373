import Dispatch
import Foundation
import Synchronization
import Text

/// One preparation at work: reads rows, makes tokens on several threads, writes in the order of the rows.
struct Preparation {
    let encoder: ExampleEncoder
    let draft: URL
    let options: PreparationOptions
    private let rejected: RejectedRows
    private var progress: PreparationProgress
    private var kind: Example.Kind?
    private var writer: ShardWriter
    private var shards = 1

    init(_ encoder: ExampleEncoder, _ sources: [DataSource], _ draft: URL, _ options: PreparationOptions) throws {
        (self.encoder, self.draft, self.options) = (encoder, draft, options)
        guard let first = sources.first else { throw DataError.empty(reason: "no file is named") }
        let sizes = try sources.map { try $0.url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0 }
        progress = PreparationProgress(source: first.url, totalBytes: sizes.reduce(0, +))
        rejected = try RejectedRows(
            draft.appending(path: DatasetDescription.rejectedName),
            limit: options.maxRejected
        )
        writer = try Self.writer(draft, 0, encoder)
    }

    private static func writer(_ draft: URL, _ index: Int, _ encoder: ExampleEncoder) throws -> ShardWriter {
        try ShardWriter(
            path: draft.appending(path: DatasetDescription.shardName(index)).path,
            vocabulary: encoder.tokenizer.vocabularySize
        )
    }

    /// Reads all files and fills the draft.
    mutating func run(
        _ sources: [DataSource],
        _ identity: DatasetIdentity,
        _ report: (PreparationProgress) throws -> Void
    ) throws {
        for source in sources { try read(source, report) }
        try writer.finish()
        try rejected.finish()
        guard let kind else {
            throw DataError.empty(reason: rejected.first.first ?? "the files have no rows")
        }
        let description = DatasetDescription(
            kind: kind,
            vocabulary: encoder.tokenizer.vocabularySize,
            shards: shards,
            sources: identity.sources,
            statistics: progress.statistics
        )
        let json = JSONEncoder(), url = draft.appending(path: DatasetDescription.fileName)
        json.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            try json.encode(description).write(to: url)
            let file = try FileHandle(forUpdating: url)
            try file.synchronize()
            try file.close()
        } catch {
            throw DataError.unwritable(path: url.path, reason: "\(error)")
        }
    }

    private mutating func read(_ source: DataSource, _ report: (PreparationProgress) throws -> Void) throws {
        let file = try ByteReader(path: source.url.path), before = progress.bytes
        var rows = source.format.rows(of: file, limit: options.rowBytes)
        var interpreter = RowInterpreter(format: source.format, layout: source.layout)
        if case .table(let separator) = source.format {
            guard let header = try rows.next() else { return }
            interpreter.columns = try TableHeader.columns(header, separator, source.url)
        }
        progress.source = source.url
        while true {
            let batch = try Self.batch(&rows)
            guard !batch.isEmpty else { break }
            try encode(batch, interpreter, source.url)
            progress.bytes = before + file.offset
            try report(progress)
        }
    }

    /// Rows enough to keep the threads busy, and few enough to fit in memory.
    private static func batch(_ rows: inout any RowReader) throws -> [Row] {
        var batch: [Row] = [], bytes = 0
        while bytes < 1 << 20, batch.count < 1024, let row = try rows.next() {
            batch.append(row)
            bytes += row.bytes.count
        }
        return batch
    }

    private typealias Outcome = Result<(Example.Kind, [TokenizedDocument]), RowProblem>

    private mutating func encode(_ rows: [Row], _ interpreter: RowInterpreter, _ url: URL) throws {
        let encoder = encoder, threads = min(max(1, options.threads), rows.count)
        let next = Mutex(0), outcomes = Mutex([Outcome?](repeating: nil, count: rows.count))
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let index = next.withLock { index in
                    defer { index += 1 }
                    return index
                }
                guard index < rows.count else { return }
                let outcome = Outcome { () throws(RowProblem) in
                    let example = try interpreter.example(rows[index])
                    return (example.kind, try encoder.documents(example))
                }
                outcomes.withLock { $0[index] = outcome }
            }
        }
        for (row, outcome) in zip(rows, outcomes.withLock(\.self)) { try keep(row, outcome, url) }
    }

    private mutating func keep(_ row: Row, _ outcome: Outcome?, _ url: URL) throws {
        progress.statistics.rows += 1
        do {
            guard let (kind, documents) = try outcome?.get() else { return }
            guard kind == self.kind ?? kind else {
                let what = "it is a \(kind.rawValue), the rows before are not; prepare them apart and mix the two"
                throw RowProblem(what)
            }
            self.kind = kind
            try write(documents)
        } catch let problem as RowProblem {
            progress.statistics.rejected += 1
            try rejected.append(row, of: url, problem)
        }
    }

    private mutating func write(_ documents: [TokenizedDocument]) throws {
        if writer.tokens >= options.shardTokens || writer.documents >= options.shardDocuments {
            try writer.finish()
            writer = try Self.writer(draft, shards, encoder)
            shards += 1
        }
        let key = RowKey.of(documents)
        for document in documents {
            progress.statistics.add(document)
            try writer.append(document, key: key)
        }
    }
}
