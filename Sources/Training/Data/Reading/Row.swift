import Foundation

/// A row of a file as it stands there.
struct Row: Sendable, Hashable {
    var bytes: [UInt8]
    /// Where it begins, counted from 1.
    var line: Int
    /// What the reader saw wrong with it.
    var problem: RowProblem?
}

/// Cuts a file into rows, one at a time.
protocol RowReader {
    /// The next row, or nil at the end of the file.
    mutating func next() throws -> Row?
}

extension DataFormat {
    /// - Parameter limit: the most bytes that one row may have.
    func rows(of file: ByteReader, limit: Int) -> any RowReader {
        switch self {
        case .jsonLines, .text(.lines): LineRows(file, limit: limit)
        case .json: JSONRows(file, limit: limit)
        case .table(let separator): TableRows(file, separator: separator, limit: limit)
        case .text(.whole): SeparatedRows(file, separator: [], limit: limit)
        case .text(.blankLines): ParagraphRows(file, limit: limit)
        case .text(.separator(let text)): SeparatedRows(file, separator: Array(text.utf8), limit: limit)
        }
    }

    /// The most bytes of a row: what is read at once does not grow with the file.
    static let rowLimit = 64 << 20
}

/// The row being read: its bytes up to the limit, and how many there were.
struct RowBuffer {
    private(set) var row: Row
    private(set) var count = 0
    private let limit: Int

    init(line: Int, limit: Int) {
        row = Row(bytes: [], line: line)
        self.limit = limit
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count < limit { row.bytes.append(byte) }
        count += 1
    }

    mutating func append(_ run: UnsafeRawBufferPointer) {
        row.bytes.append(contentsOf: run.prefix(max(0, limit - count)))
        count += run.count
    }

    /// Takes back the last bytes.
    mutating func drop(_ last: Int) {
        count -= last
        if row.bytes.count > count { row.bytes.removeLast(row.bytes.count - count) }
    }

    /// The row, with what is wrong with it.
    func finished(_ problem: String? = nil) -> Row {
        var row = row
        row.problem = problem.map { RowProblem($0) }
        if count > limit {
            let what = "it has \(count) bytes, more than \(limit); only its beginning is set aside"
            row.problem = RowProblem(what + "; cut it into shorter documents")
        }
        return row
    }
}

extension [UInt8] {
    var isBlank: Bool { allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } }
}
