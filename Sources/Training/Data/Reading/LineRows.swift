import Foundation

/// Each line is a row; lines of white space are none.
struct LineRows: RowReader {
    private let file: ByteReader, limit: Int
    private var line = 0

    init(_ file: ByteReader, limit: Int) { (self.file, self.limit) = (file, limit) }

    mutating func next() throws -> Row? {
        while let row = try any() {
            if !row.bytes.isBlank || row.problem != nil { return row }
        }
        return nil
    }

    /// The next line, blank or not, without its end.
    mutating func any() throws -> Row? {
        guard try file.peek() != nil else { return nil }
        line += 1
        var buffer = RowBuffer(line: line, limit: limit)
        while let isWhole = try file.run(upTo: UInt8(ascii: "\n"), { buffer.append($0) }) {
            guard isWhole else { continue }
            buffer.drop(1)
            break
        }
        if buffer.count <= limit, buffer.row.bytes.last == UInt8(ascii: "\r") { buffer.drop(1) }
        return buffer.finished()
    }
}

/// Documents with blank lines between them.
struct ParagraphRows: RowReader {
    private var lines: LineRows
    private let limit: Int

    init(_ file: ByteReader, limit: Int) { (lines, self.limit) = (LineRows(file, limit: limit), limit) }

    mutating func next() throws -> Row? {
        guard let first = try lines.next() else { return nil }
        guard first.problem == nil else { return first }
        var buffer = RowBuffer(line: first.line, limit: limit)
        first.bytes.withUnsafeBytes { buffer.append($0) }
        while let line = try lines.any(), !line.bytes.isBlank {
            buffer.append(UInt8(ascii: "\n"))
            line.bytes.withUnsafeBytes { buffer.append($0) }
        }
        return buffer.finished()
    }
}

/// Documents with a text between them; with an empty one the file is a single document.
struct SeparatedRows: RowReader {
    private let file: ByteReader, separator: [UInt8], limit: Int
    private let fallback: [Int]  // where a match goes on after a byte that breaks it (Knuth, Morris and Pratt 1977)
    private var line = 1

    init(_ file: ByteReader, separator: [UInt8], limit: Int) {
        (self.file, self.separator, self.limit) = (file, separator, limit)
        var fallback = [0], length = 0
        for index in separator.indices.dropFirst() {
            while length > 0, separator[index] != separator[length] { length = fallback[length - 1] }
            if separator[index] == separator[length] { length += 1 }
            fallback.append(length)
        }
        self.fallback = fallback
    }

    mutating func next() throws -> Row? {
        while let row = try any() {
            if !row.bytes.isBlank || row.problem != nil { return row }
        }
        return nil
    }

    private mutating func any() throws -> Row? {
        guard try file.peek() != nil else { return nil }
        var buffer = RowBuffer(line: line, limit: limit), matched = 0
        while let byte = try file.byte() {
            buffer.append(byte)
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard !separator.isEmpty else { continue }
            while matched > 0, byte != separator[matched] { matched = fallback[matched - 1] }
            if byte == separator[matched] { matched += 1 }
            guard matched == separator.count else { continue }
            buffer.drop(separator.count)
            break
        }
        return buffer.finished()
    }
}
