extension Lexer {
    /// A string with Python's escapes; an unknown escape stays as it is.
    mutating func string(quote: UInt8) throws {
        let opening = line
        var index = position + 1
        var bytes: [UInt8] = []
        while byte(at: index) != quote {
            guard index < source.count else { throw TemplateError(.syntax, "a string is not closed", line: opening) }
            if source[index] == UInt8(ascii: "\\"), index + 1 < source.count {
                try escape(at: &index, into: &bytes)
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        emit(.string(String(decoding: bytes, as: UTF8.self)))
        move(to: index + 1)
    }

    private func escape(at index: inout Int, into bytes: inout [UInt8]) throws {
        let letter = source[index + 1]
        if let byte = Self.escapes[letter] {
            bytes.append(byte)
            index += 2
            return
        }
        switch letter {
        case UInt8(ascii: "\n"): index += 2
        case UInt8(ascii: "x"): try scalar(at: &index, digits: 2, into: &bytes)
        case UInt8(ascii: "u"): try scalar(at: &index, digits: 4, into: &bytes)
        case UInt8(ascii: "U"): try scalar(at: &index, digits: 8, into: &bytes)
        case UInt8(ascii: "0")...UInt8(ascii: "7"): octal(at: &index, into: &bytes)
        default:
            bytes.append(UInt8(ascii: "\\"))
            index += 1
        }
    }

    private func scalar(at index: inout Int, digits: Int, into bytes: inout [UInt8]) throws {
        let start = index + 2
        let text = String(decoding: source[min(start, source.count)..<min(start + digits, source.count)], as: UTF8.self)
        guard text.utf8.count == digits, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
            let value = UInt32(text, radix: 16)
        else { throw syntaxError("an escape needs \(digits) hexadecimal digits") }
        append(value, to: &bytes)
        index = start + digits
    }

    private func octal(at index: inout Int, into bytes: inout [UInt8]) {
        var value: UInt32 = 0
        index += 1
        let limit = index + 3
        while index < limit, byte(at: index) &- UInt8(ascii: "0") < 8 {
            value = value * 8 + UInt32(source[index] - UInt8(ascii: "0"))
            index += 1
        }
        append(value, to: &bytes)
    }

    /// A surrogate stands for no character and becomes U+FFFD.
    private func append(_ value: UInt32, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: Array(String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8))
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "v"): 0x0B, UInt8(ascii: "a"): 0x07,
        UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "'"): UInt8(ascii: "'"),
        UInt8(ascii: "\""): UInt8(ascii: "\""),
    ]
}
