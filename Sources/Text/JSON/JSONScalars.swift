extension JSONParser {
    mutating func number() throws(JSONError) -> JSON {
        let start = position
        var isInteger = true
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            isInteger = false
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw failure("number out of range", at: start) }
        return .number(value)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while current &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw failure("expected a digit") }
    }

    /// The string whose opening quote is at the position.
    mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        try skipPlain()
        if skip(UInt8(ascii: "\"")) { return try text(bytes[start..<(position - 1)], at: start) }
        var unescaped = Array(bytes[start..<position])
        while !skip(UInt8(ascii: "\"")) {
            try escape(into: &unescaped)
            let run = position
            try skipPlain()
            unescaped.append(contentsOf: bytes[run..<position])
        }
        return try text(unescaped, at: start)
    }

    /// Moves to the next quote or backslash.
    private mutating func skipPlain() throws(JSONError) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            guard byte >= 0x20 else { throw failure("a control character must be escaped") }
            position += 1
        }
        throw failure("unterminated string")
    }

    private func text(_ bytes: some Collection<UInt8>, at start: Int) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("a string that is not UTF-8", at: start)
        }
        return text
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONError) {
        position += 1
        let byte = current
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: UTF8.encode(try escapedScalar())!)
        default: throw failure("unknown escape", at: position - 1)
        }
    }

    /// The scalar of `\uXXXX` or of a surrogate pair; a lone surrogate stands for no character and becomes U+FFFD.
    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let mark = position
        guard unit < 0xDC00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
            position = mark
            return "\u{FFFD}"
        }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second) else {
            position = mark
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(current)).hexDigitValue, current < 0x80 else {
                throw failure("expected four hexadecimal digits after \\u")
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }
}
