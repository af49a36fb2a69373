import Foundation
import Text

/// The examples of some files, one after another, as a preparation reads them.
///
/// Rows that cannot be read are left out and counted. A sequence cannot throw: what ended it early is in ``error``.
public final class ExampleReader: Sequence, IteratorProtocol {
    /// Why it ended early, if it did.
    public private(set) var error: (any Error)?
    /// Rows left out, and what is wrong with the first.
    public private(set) var rejected = 0, firstProblem: String?
    private var sources: ArraySlice<DataSource>
    private var rows: (reader: any RowReader, interpreter: RowInterpreter)?

    public init(_ sources: [DataSource]) { self.sources = sources[...] }

    public func next() -> Example? {
        do {
            while true {
                if rows == nil, try !open() { return nil }
                if let example = try read() { return example }
            }
        } catch {
            self.error = error
            return nil
        }
    }

    /// Opens the next file; false where there is none.
    private func open() throws -> Bool {
        guard let source = sources.popFirst() else { return false }
        var reader = source.format.rows(of: try ByteReader(path: source.url.path), limit: DataFormat.rowLimit)
        var interpreter = RowInterpreter(format: source.format, layout: source.layout)
        if case .table(let separator) = source.format, let header = try reader.next() {
            interpreter.columns = try TableHeader.columns(header, separator, source.url)
        }
        rows = (reader, interpreter)
        return true
    }

    /// Reads one more row; nil where there is none, or none that makes sense.
    private func read() throws -> Example? {
        guard let (begun, interpreter) = rows else { return nil }
        var reader = begun
        guard let row = try reader.next() else {
            rows = nil
            return nil
        }
        rows = (reader, interpreter)
        do { return try interpreter.example(row) } catch {
            rejected += 1
            firstProblem = firstProblem ?? error.description
            return nil
        }
    }
}
