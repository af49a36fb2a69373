extension JSONWriter {
    /// Writes a string with its quotes; plain runs are copied whole.
    mutating func write(_ text: String) {
        append("\"")
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for (index, byte) in bytes.enumerated() where needsEscape(byte) {
                guard index >= start else { continue }
                append(bytes[start..<index])
                start = index + escape(bytes, at: index)
            }
            append(bytes[start...])
        }
        append("\"")
    }

    private func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            || (style.escapesNonASCII && byte >= 0x7F && byte != 0x7F)
    }

    /// Writes what stands for the character at the index and returns its length in bytes.
    private mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        switch bytes[index] {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        case 0..<0x80: append(unit(UInt16(bytes[index])))
        default: return escapeCharacter(bytes, at: index)
        }
        return 1
    }

    private mutating func escapeCharacter(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let length = bytes[index] < 0xE0 ? 2 : bytes[index] < 0xF0 ? 3 : 4
        for code in String(decoding: bytes[index..<(index + length)], as: UTF8.self).utf16 { append(unit(code)) }
        return length
    }

    private func unit(_ code: UInt16) -> String {
        let digits = String(code, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension Double {
    /// The shortest text that reads back as this number, in the notation of Python's `repr`: plain from 1e-4 up to
    /// 1e16, else with an exponent of at least two digits.
    var shortest: String {
        guard isFinite else { return isNaN ? "nan" : self < 0 ? "-inf" : "inf" }
        let text = magnitude.description.lowercased()
        let parts = text.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = String(mantissa[0]) + (mantissa.count > 1 && mantissa[1] != "0" ? String(mantissa[1]) : "")
        var point = mantissa[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        let zeros = digits.prefix { $0 == "0" }.count
        if zeros < digits.count {
            digits.removeFirst(zeros)
            point -= zeros
        }
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (sign == .minus ? "-" : "") + (self == 0 ? "0.0" : Self.layOut(digits, point: point))
    }

    private static func layOut(_ digits: String, point: Int) -> String {
        if point > 16 || point < -3 {
            let exponent = point - 1
            let tail = digits.dropFirst()
            return digits.prefix(1) + (tail.isEmpty ? "" : "." + tail) + "e" + (exponent < 0 ? "-" : "+")
                + (abs(exponent) < 10 ? "0" : "") + String(abs(exponent))
        }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return digits + String(repeating: "0", count: point - digits.count) + ".0" }
        return digits.prefix(point) + "." + digits.dropFirst(point)
    }
}
