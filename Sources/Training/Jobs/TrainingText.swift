import Foundation
import Text

/// The words of some files, a document or a message at a time, as a tokenizer learns from them.
///
/// Rows that cannot be read are left out here; the preparation of the same files tells of them.
public final class TrainingText: Sequence, IteratorProtocol {
    private var sources: ArraySlice<DataSource>
    private var rows: (reader: any RowReader, interpreter: RowInterpreter)?
    private var texts: [String] = []
    /// Why it ended early, if it did.
    public private(set) var error: (any Error)?

    public init(_ sources: [DataSource]) { self.sources = sources[...] }

    public func next() -> String? {
        do {
            while texts.isEmpty {
                guard try read() else { return nil }
            }
            return texts.removeFirst()
        } catch {
            self.error = error
            return nil
        }
    }

    /// Reads one more row; false at the end.
    private func read() throws -> Bool {
        guard let current = rows else {
            guard let source = sources.popFirst() else { return false }
            rows = try Self.rows(source)
            return true
        }
        var reader = current.reader
        guard let row = try reader.next() else {
            rows = nil
            return true
        }
        rows = (reader, current.interpreter)
        if let example = try? current.interpreter.example(row) { texts = example.texts.filter { !$0.isEmpty } }
        return true
    }

    private static func rows(_ source: DataSource) throws -> (any RowReader, RowInterpreter) {
        var reader = source.format.rows(of: try ByteReader(path: source.url.path), limit: DataFormat.rowLimit)
        var interpreter = RowInterpreter(format: source.format, layout: source.layout)
        if case .table(let separator) = source.format, let header = try reader.next() {
            interpreter.columns = try TableHeader.columns(header, separator, source.url)
        }
        return (reader, interpreter)
    }
}

extension Example {
    fileprivate var texts: [String] {
        switch self {
        case .text(let text): [text]
        case .conversation(let chat): chat.messages.compactMap { $0.content?.text }
        case .preference(let pair):
            (pair.prompt.messages + pair.chosen + pair.rejected).compactMap { $0.content?.text }
        }
    }
}
