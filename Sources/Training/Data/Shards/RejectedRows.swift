import Foundation
import Text

/// Writes rows that cannot be learnt from into a file: where they stood, why, and as they were.
final class RejectedRows {
    private(set) var count = 0
    /// The first few, in words.
    private(set) var first: [String] = []
    private let handle: FileHandle, path: String, limit: Int

    init(_ url: URL, limit: Int?) throws(DataError) {
        (path, self.limit) = (url.path, limit ?? .max)
        guard FileManager.default.createFile(atPath: url.path, contents: nil),
            let handle = FileHandle(forWritingAtPath: url.path)
        else { throw .unwritable(path: url.path, reason: "the file cannot be made") }
        self.handle = handle
    }

    /// - Throws: `DataError.tooManyRejected` beyond the limit.
    func append(_ row: Row, of file: URL, _ problem: RowProblem) throws(DataError) {
        count += 1
        if first.count < 5 { first.append("\(file.lastPathComponent), line \(row.line): \(problem)") }
        guard count <= limit else { throw .tooManyRejected(limit: limit, first: first) }
        var entry: OrderedObject = [
            "file": .string(file.path), "line": .integer(row.line), "reason": .string(problem.description),
        ]
        if let text = String(validating: row.bytes, as: UTF8.self) {
            entry["text"] = .string(text)
        } else {
            entry["base64"] = .string(Data(row.bytes).base64EncodedString())
        }
        do { try handle.write(contentsOf: Data((JSON.object(entry).text() + "\n").utf8)) } catch {
            throw .unwritable(path: path, reason: "\(error)")
        }
    }

    func finish() throws(DataError) {
        do {
            try handle.synchronize()
            try handle.close()
        } catch { throw .unwritable(path: path, reason: "\(error)") }
    }
}
