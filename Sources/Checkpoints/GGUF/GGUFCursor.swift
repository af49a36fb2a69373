/// A position in a GGUF file that only moves over bytes that are there.
struct GGUFCursor {
    let bytes: Bytes
    let file: String
    var offset = 0

    var left: Int { bytes.count - offset }

    func malformed(at offset: Int? = nil, _ problem: String) -> CheckpointError {
        .malformed(file: file, offset: offset ?? self.offset, problem: problem)
    }

    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type = Integer.self,
        _ what: @autoclosure () -> String
    ) throws -> Integer {
        guard left >= MemoryLayout<Integer>.size else { throw malformed("the file ends inside \(what())") }
        defer { offset += MemoryLayout<Integer>.size }
        return bytes.load(at: offset)
    }

    /// Reads a count of things that take at least `size` bytes each, so that what follows can hold them.
    mutating func count(of what: @autoclosure () -> String, atLeast size: Int) throws -> Int {
        let start = offset, count = try integer(UInt64.self, "the number of \(what())")
        guard count <= UInt64(left / size) else {
            throw malformed(at: start, "it promises \(count) \(what()), but only \(left) bytes follow")
        }
        return Int(count)
    }

    /// Reads a string's length and passes the string, whose range it returns.
    mutating func string(_ what: @autoclosure () -> String) throws -> Range<Int> {
        let start = offset, length = try integer(UInt64.self, "the length of \(what())")
        guard length <= UInt64(left) else {
            throw malformed(at: start, "\(what()) claims \(length) bytes, but only \(left) follow")
        }
        defer { offset += Int(length) }
        return offset..<offset + Int(length)
    }

    /// Reads a name: a string that is not empty, of at most `limit` bytes, and UTF-8.
    mutating func name(_ what: @autoclosure () -> String, limit: Int) throws -> String {
        let start = offset, range = try string(what())
        guard !range.isEmpty else { throw malformed(at: start, "\(what()) is empty") }
        guard range.count <= limit else {
            throw malformed(at: start, "\(what()) is \(range.count) bytes long; the format allows \(limit)")
        }
        guard let name = bytes.validText(range) else { throw malformed(at: range.lowerBound, "\(what()) is not UTF-8") }
        return name
    }
}
