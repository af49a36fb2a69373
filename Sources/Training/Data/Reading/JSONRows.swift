/// The elements of a JSON array, or values one after another, each as it is written.
///
/// Only brackets, quotes and commas are looked at: what stands between them is judged later, element by element, so that one that is
/// broken does not spoil the rest.
struct JSONRows: RowReader {
    private enum State { case start, elements, values, end }

    private let file: ByteReader, limit: Int
    private var state = State.start, line = 1

    init(_ file: ByteReader, limit: Int) { (self.file, self.limit) = (file, limit) }

    mutating func next() throws -> Row? {
        if state == .start { try begin() }
        switch state {
        case .elements: return try element()
        case .values: return try value()
        case .start, .end: return nil
        }
    }

    private mutating func begin() throws {
        try skipSpace()
        state = .values
        guard try file.peek() == UInt8(ascii: "[") else { return }
        _ = try byte()
        try skipSpace()
        state = .elements
        guard try file.peek() == UInt8(ascii: "]") else { return }
        _ = try byte()
        try close()
    }

    private mutating func element() throws -> Row? {
        try skipSpace()
        var buffer = RowBuffer(line: line, limit: limit), nesting = Nesting()
        while let byte = try file.peek() {
            let isOutside = nesting.isOutside
            if isOutside, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
                _ = try self.byte()
                if byte == UInt8(ascii: "]") { try close() }
                return buffer.finished(buffer.row.bytes.isBlank ? "an element is missing" : nil)
            }
            _ = try self.byte()
            nesting.pass(byte)
            buffer.append(byte)
        }
        state = .end
        return buffer.finished("the file ends before the array does")
    }

    /// A value that ends where its brackets close, or, without any, with the line.
    private mutating func value() throws -> Row? {
        try skipSpace()
        var buffer = RowBuffer(line: line, limit: limit), nesting = Nesting()
        while let byte = try byte() {
            nesting.pass(byte)
            buffer.append(byte)
            let isClosed = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "\n")
            if isClosed, nesting.isOutside { return buffer.finished() }
        }
        state = .end
        return buffer.count == 0 ? nil : buffer.finished()
    }

    /// After the array nothing should follow; what does is read as more values.
    private mutating func close() throws {
        state = .end
        try skipSpace()
        if try file.peek() != nil { state = .values }
    }

    private mutating func skipSpace() throws {
        while let byte = try file.peek(), byte == 0x20 || (0x09...0x0D).contains(byte) { _ = try self.byte() }
    }

    private mutating func byte() throws -> UInt8? {
        guard let byte = try file.byte() else { return nil }
        if byte == UInt8(ascii: "\n") { line += 1 }
        return byte
    }
}

/// How deep in brackets a byte stands, and whether in a string.
private struct Nesting {
    private var depth = 0, isString = false, isEscaped = false

    var isOutside: Bool { depth == 0 && !isString }

    mutating func pass(_ byte: UInt8) {
        if isString {
            // No string of JSON goes on over a line: the damage of a lost quote ends there.
            if byte == UInt8(ascii: "\n") || (byte == UInt8(ascii: "\"") && !isEscaped) { isString = false }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            return
        }
        isEscaped = false
        switch byte {
        case UInt8(ascii: "\""): isString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
        default: break
        }
    }
}
