extension JSON {
    /// Reads one JSON text, strictly as RFC 8259 has it; a byte order mark before it is skipped.
    ///
    /// - Parameter depthLimit: how deep arrays and objects may nest.
    public init(parsing text: String, depthLimit: Int = 128) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), depthLimit: depthLimit)
    }

    /// - Parameter knowsInfinity: whether the word `Infinity` is a number, as it is in what Python writes.
    public init(
        parsing bytes: some Sequence<UInt8>,
        depthLimit: Int = 128,
        knowsInfinity: Bool = false
    ) throws(JSONError) {
        let bytes = ContiguousArray(bytes)
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(JSONError) in
                var parser = JSONParser(bytes: buffer, depthLimit: depthLimit)
                parser.knowsInfinity = knowsInfinity
                return try parser.document()
            }
        }
        self = try result.get()
    }
}

/// A recursive descent over UTF-8 bytes.
struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let depthLimit: Int
    var knowsInfinity = false
    var position = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    /// The byte at the position, or 0, which no token begins with, at the end.
    var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    mutating func document() throws(JSONError) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("unexpected text after the value") }
        return value
    }

    mutating func value() throws(JSONError) -> JSON {
        switch current {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "I") where knowsInfinity: return try word("Infinity", .number(.infinity))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure(position < bytes.count ? "expected a value" : "unexpected end")
        }
    }

    private mutating func nested(_ body: (inout Self) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
        guard depth < depthLimit else { throw failure("nested deeper than \(depthLimit) levels") }
        depth += 1
        position += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONError) -> JSON {
        var elements: [JSON] = []
        if skip(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if skip(UInt8(ascii: "]")) { return .array(elements) }
            guard skip(UInt8(ascii: ",")) else { throw failure("expected ',' or ']'") }
            skipSpace()
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        var members = OrderedObject()
        if skip(UInt8(ascii: "}")) { return .object(members) }
        while true {
            guard current == UInt8(ascii: "\"") else { throw failure("expected a name in double quotes") }
            let name = try string()
            skipSpace()
            guard skip(UInt8(ascii: ":")) else { throw failure("expected ':'") }
            skipSpace()
            members[name] = try value()
            skipSpace()
            if skip(UInt8(ascii: "}")) { return .object(members) }
            guard skip(UInt8(ascii: ",")) else { throw failure("expected ',' or '}'") }
            skipSpace()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[index] else { throw failure("expected \(word)") }
            position += 1
        }
        return value
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard current == byte, position < bytes.count else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while current == 0x20 || current == 0x0A || current == 0x0D || current == 0x09 { position += 1 }
    }

    func failure(_ message: String, at offset: Int? = nil) -> JSONError {
        let offset = min(offset ?? position, bytes.count)
        let line = 1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
        return .syntax(message, offset: offset, line: line)
    }
}
