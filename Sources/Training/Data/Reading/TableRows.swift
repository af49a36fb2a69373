/// Rows of a table as RFC 4180 has it: a line, unless a quoted field goes on over its end.
struct TableRows: RowReader {
    private let file: ByteReader, separator: UInt8, limit: Int
    private var line = 1

    init(_ file: ByteReader, separator: UInt8, limit: Int) {
        (self.file, self.separator, self.limit) = (file, separator, limit)
    }

    mutating func next() throws -> Row? {
        while let row = try any() {
            if !row.bytes.isBlank || row.problem != nil { return row }
        }
        return nil
    }

    private mutating func any() throws -> Row? {
        guard try file.peek() != nil else { return nil }
        var buffer = RowBuffer(line: line, limit: limit), isQuoted = false, isFieldStart = true
        while let byte = try file.byte() {
            if byte == UInt8(ascii: "\n") {
                line += 1
                if !isQuoted {
                    if buffer.count <= limit, buffer.row.bytes.last == UInt8(ascii: "\r") { buffer.drop(1) }
                    return buffer.finished()
                }
            }
            // A doubled quote leaves and enters again, which comes to the same.
            if byte == UInt8(ascii: "\""), isQuoted || isFieldStart { isQuoted.toggle() }
            isFieldStart = byte == separator && !isQuoted || byte == UInt8(ascii: "\"") && !isQuoted
            buffer.append(byte)
        }
        return buffer.finished(isQuoted ? "a quote is never closed" : nil)
    }
}

/// The fields of a row.
struct TableFields {
    let separator: UInt8

    func callAsFunction(_ row: [UInt8]) throws(RowProblem) -> [String] {
        var fields: [String] = [], position = 0
        while true {
            let bytes = row[safe: position] == UInt8(ascii: "\"") ? try quoted(row, &position) : plain(row, &position)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw RowProblem("field \(fields.count + 1) is not UTF-8")
            }
            fields.append(text)
            guard position < row.count else { return fields }
            guard row[position] == separator else {
                throw RowProblem("field \(fields.count) goes on after its closing quote")
            }
            position += 1
        }
    }

    private func plain(_ row: [UInt8], _ position: inout Int) -> [UInt8] {
        let start = position
        while position < row.count, row[position] != separator { position += 1 }
        return Array(row[start..<position])
    }

    private func quoted(_ row: [UInt8], _ position: inout Int) throws(RowProblem) -> [UInt8] {
        var bytes: [UInt8] = []
        position += 1
        while position < row.count {
            let byte = row[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard row[safe: position] == byte else { return bytes }
                position += 1
            }
            bytes.append(byte)
        }
        throw RowProblem("a quote is never closed")
    }
}

extension [UInt8] {
    fileprivate subscript(safe index: Int) -> UInt8? { index < count ? self[index] : nil }
}
