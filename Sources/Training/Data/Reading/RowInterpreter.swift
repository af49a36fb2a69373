import Text

/// Makes an example of a row; knows nothing of files.
struct RowInterpreter: Sendable {
    let format: DataFormat
    let layout: DataLayout
    /// The columns of a table.
    var columns: [String] = []

    /// - Throws: what is wrong with the row, in words.
    func example(_ row: Row) throws(RowProblem) -> Example {
        if let problem = row.problem { throw problem }
        do {
            switch format {
            case .jsonLines, .json: return try layout.example(json(row))
            case .table(let separator): return try layout.example(record(row, separator))
            case .text: return .text(try text(row))
            }
        } catch let problem as RowProblem { throw problem } catch { throw RowProblem(Self.words(error)) }
    }

    private static func words(_ error: any Error) -> String {
        switch error as? JSONError {
        case .syntax(let message, let offset, _)?: "\(message), at byte \(offset) of the row"
        case .unexpected("", let expected, let found)?: "the row must be \(expected), but is \(found)"
        default: "\(error)"
        }
    }

    private func json(_ row: Row) throws -> JSON { try JSON(parsing: row.bytes) }

    /// The fields by the names of their columns; an empty one is none.
    private func record(_ row: Row, _ separator: UInt8) throws -> JSON {
        let fields = try TableFields(separator: separator)(row.bytes)
        guard fields.count == columns.count else {
            throw RowProblem("it has \(fields.count) fields, the table has \(columns.count) columns")
        }
        if row.bytes.contains(0) { throw RowProblem("it holds a NUL byte; is the file text?") }
        var object = OrderedObject()
        for (name, field) in zip(columns, fields) where !field.isEmpty { object[name] = .string(field) }
        return .object(object)
    }

    private func text(_ row: Row) throws(RowProblem) -> String {
        if let place = row.bytes.firstIndex(of: 0) {
            throw RowProblem("a NUL byte at byte \(place); is the file text?")
        }
        guard let text = String(validating: row.bytes, as: UTF8.self) else {
            throw RowProblem("it is not UTF-8, from byte \(Self.firstBroken(row.bytes)) on")
        }
        return text
    }

    /// Where the longest beginning that is UTF-8 ends.
    private static func firstBroken(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8(), iterator = bytes.makeIterator(), offset = 0
        while true {
            guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return offset }
            offset += UTF8.width(scalar)
        }
    }
}
