/// What stands between `{{` and `}}`, or `{%` and `%}`.
extension Lexer {
    mutating func expression(until close: UInt8, _ begin: Token.Kind, _ end: Token.Kind) throws {
        let opening = line
        var open: [Token.Symbol] = []
        emit(begin)
        while true {
            skipSpace()
            if open.isEmpty, let sign = closing(close) {
                emit(end)
                let length = sign == 0 ? 2 : 3
                return finishTag(at: position + length, sign: sign, dropsLineBreak: end == .blockEnd)
            }
            guard position < source.count else { throw TemplateError(.syntax, "a tag is not closed", line: opening) }
            try token(&open)
        }
    }

    /// The sign of the closing delimiter at the position, 0 for none; nil when there is no delimiter.
    private func closing(_ close: UInt8) -> UInt8? {
        let sign = byte(at: position)
        let isSigned = sign == UInt8(ascii: "-") || (sign == UInt8(ascii: "+") && close == UInt8(ascii: "%"))
        let start = isSigned ? position + 1 : position
        guard byte(at: start) == close, byte(at: start + 1) == UInt8(ascii: "}") else { return nil }
        return isSigned ? sign : 0
    }

    private mutating func token(_ open: inout [Token.Symbol]) throws {
        let byte = byte(at: position)
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { return try string(quote: byte) }
        if isDigit(byte) { return try number() }
        if isNamePart(byte) { return name() }
        guard let symbol = symbol() else { throw syntaxError("unexpected character '\(character)'") }
        try balance(symbol, &open)
        emit(.symbol(symbol))
        move(to: position + symbol.rawValue.utf8.count)
    }

    private var character: String {
        String(String(decoding: source[position..<min(position + 8, source.count)], as: UTF8.self).prefix(1))
    }

    private func symbol() -> Token.Symbol? {
        let (first, second) = (byte(at: position), byte(at: position + 1))
        return Self.symbols[UInt16(first) << 8 | UInt16(second)] ?? Self.symbols[UInt16(first) << 8]
    }

    /// Symbols by their two bytes, or by their one byte and 0.
    private static let symbols: [UInt16: Token.Symbol] = Dictionary(
        uniqueKeysWithValues: Token.Symbol.allCases.map { symbol in
            let bytes = Array(symbol.rawValue.utf8)
            return (UInt16(bytes[0]) << 8 | UInt16(bytes.count > 1 ? bytes[1] : 0), symbol)
        }
    )

    private func balance(_ symbol: Token.Symbol, _ open: inout [Token.Symbol]) throws {
        switch symbol {
        case .openParenthesis: open.append(.closeParenthesis)
        case .openBracket: open.append(.closeBracket)
        case .openBrace: open.append(.closeBrace)
        case .closeParenthesis, .closeBracket, .closeBrace:
            guard open.popLast() == symbol else { throw syntaxError("unexpected '\(symbol.rawValue)'") }
        default: break
        }
    }

    private mutating func name() {
        var end = position
        while isNamePart(byte(at: end)) { end += 1 }
        emit(.name(String(decoding: source[position..<end], as: UTF8.self)))
        move(to: end)
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private func isNamePart(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte >= 0x80
    }

    private mutating func number() throws {
        if byte(at: position) == UInt8(ascii: "0"), let radix = radix(byte(at: position + 1) | 0x20) {
            return try integer(from: position + 2, radix: radix)
        }
        var end = digitsEnd(position)
        let isFloat = fractionAndExponent(&end)
        let text = String(decoding: source[position..<end], as: UTF8.self).replacing(bytesOf: "_", with: "")
        if isFloat, let value = Double(text), value.isFinite {
            emit(.float(value))
        } else if !isFloat, let value = Int(text) {
            emit(.integer(value))
        } else {
            throw syntaxError("the number \(text) is out of range")
        }
        move(to: end)
    }

    private mutating func fractionAndExponent(_ end: inout Int) -> Bool {
        let start = end
        if byte(at: end) == UInt8(ascii: "."), isDigit(byte(at: end + 1)) { end = digitsEnd(end + 1) }
        if byte(at: end) | 0x20 == UInt8(ascii: "e") {
            let sign = byte(at: end + 1)
            let digits = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? end + 2 : end + 1
            if isDigit(byte(at: digits)) { end = digitsEnd(digits) }
        }
        return end > start
    }

    private func digitsEnd(_ start: Int) -> Int {
        var end = start
        while isDigit(byte(at: end)) || (byte(at: end) == UInt8(ascii: "_") && isDigit(byte(at: end + 1))) { end += 1 }
        return end
    }

    private func radix(_ letter: UInt8) -> Int? {
        switch letter {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private mutating func integer(from start: Int, radix: Int) throws {
        var end = start
        while isNamePart(byte(at: end)) { end += 1 }
        let text = String(decoding: source[start..<end], as: UTF8.self).replacing(bytesOf: "_", with: "")
        guard let value = Int(text, radix: radix) else { throw syntaxError("'\(text)' is no number") }
        emit(.integer(value))
        move(to: end)
    }

    func syntaxError(_ message: String) -> TemplateError { TemplateError(.syntax, message, line: line) }
}
