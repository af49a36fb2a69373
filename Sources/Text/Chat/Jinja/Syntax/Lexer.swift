/// Cuts template source into tokens, with white space handled as `trim_blocks` and `lstrip_blocks` say: the first
/// line break after a block is dropped, and so is the space before one on its line.
struct Lexer {
    let source: [UInt8]
    var position = 0
    var line = 1
    var tokens: [Token] = []
    private var isAtLineStart = true

    /// One line break at the end of the source is no part of it.
    init(_ text: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n"), bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            bytes.append(byte)
        }
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\r") { bytes[index] = UInt8(ascii: "\n") }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        source = bytes
    }

    static func tokens(of text: String) throws -> [Token] {
        var lexer = Lexer(text)
        while lexer.position < lexer.source.count { try lexer.textAndTag() }
        lexer.emit(.end)
        return lexer.tokens
    }

    private mutating func textAndTag() throws {
        let start = position
        guard let tag = nextTag() else {
            emitText(start..<source.count)
            return move(to: source.count)
        }
        let sign = byte(at: tag + 2)
        emitText(start..<textEnd(start..<tag, sign: sign))
        move(to: tag + (sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? 3 : 2))
        switch source[tag + 1] {
        case UInt8(ascii: "#"): try comment()
        case UInt8(ascii: "{"): try expression(until: UInt8(ascii: "}"), .variableBegin, .variableEnd)
        default:
            if try !raw() { try expression(until: UInt8(ascii: "%"), .blockBegin, .blockEnd) }
        }
        isAtLineStart = byte(at: position - 1) == UInt8(ascii: "\n")
    }

    private func nextTag() -> Int? {
        var index = position
        while index + 1 < source.count {
            if source[index] == UInt8(ascii: "{"), "{%#".utf8.contains(source[index + 1]) { return index }
            index += 1
        }
        return nil
    }

    /// Where the text before a tag ends once the space that the tag eats is gone.
    private func textEnd(_ text: Range<Int>, sign: UInt8) -> Int {
        var end = text.upperBound
        if sign == UInt8(ascii: "-") {
            let kept = String(decoding: source[text], as: UTF8.self)
                .trimmed(leading: false, trailing: true, where: \.isSpace)
            return text.lowerBound + kept.utf8.count
        }
        guard sign != UInt8(ascii: "+"), byte(at: text.upperBound + 1) != UInt8(ascii: "{") else { return end }
        while end > text.lowerBound, source[end - 1] != UInt8(ascii: "\n"), isSpace(at: end - 1) { end -= 1 }
        let reachesLineStart = end > text.lowerBound ? source[end - 1] == UInt8(ascii: "\n") : isAtLineStart
        return reachesLineStart ? end : text.upperBound
    }

    private mutating func comment() throws {
        let opening = line
        let start = position
        guard let end = find("#}", from: start) else {
            throw TemplateError(.syntax, "a comment is not closed", line: opening)
        }
        finishTag(at: end + 2, sign: end > start ? source[end - 1] : 0)
    }

    /// Reads `{% raw %}…{% endraw %}` when that is what follows.
    private mutating func raw() throws -> Bool {
        guard let body = tagEnd("raw", from: position) else { return false }
        let opening = line
        if source[body - 3] == UInt8(ascii: "-") {
            move(to: body)
            skipSpace()
        } else {
            move(to: body)
        }
        let start = position
        var search = start
        while let tag = find("{%", from: search) {
            let sign = byte(at: tag + 2)
            let isSigned = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
            if let end = tagEnd("endraw", from: tag + (isSigned ? 3 : 2)) {
                emitText(start..<textEnd(start..<tag, sign: sign))
                finishTag(at: end, sign: source[end - 3])
                return true
            }
            search = tag + 2
        }
        throw TemplateError(.syntax, "'raw' is not closed by 'endraw'", line: opening)
    }

    /// Where the tag ends that consists of this one word.
    private func tagEnd(_ word: String, from start: Int) -> Int? {
        var index = start
        while isSpace(at: index) { index += 1 }
        guard source[index...].starts(with: word.utf8) else { return nil }
        index += word.utf8.count
        while isSpace(at: index) { index += 1 }
        if byte(at: index) == UInt8(ascii: "-") || byte(at: index) == UInt8(ascii: "+") { index += 1 }
        return source[min(index, source.count)...].starts(with: "%}".utf8) ? index + 2 : nil
    }

    /// Moves behind a tag's end, and behind the white space that it eats.
    mutating func finishTag(at end: Int, sign: UInt8, dropsLineBreak: Bool = true) {
        move(to: end)
        if sign == UInt8(ascii: "-") {
            skipSpace()
        } else if sign != UInt8(ascii: "+"), dropsLineBreak, byte(at: end) == UInt8(ascii: "\n") {
            move(to: end + 1)
        }
    }
}

extension Lexer {
    func byte(at index: Int) -> UInt8 { source.indices.contains(index) ? source[index] : 0 }

    func isSpace(at index: Int) -> Bool {
        let byte = byte(at: index)
        return byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    mutating func skipSpace() {
        var end = position
        while isSpace(at: end) { end += 1 }
        move(to: end)
    }

    mutating func move(to end: Int) {
        for index in position..<end where source[index] == UInt8(ascii: "\n") { line += 1 }
        position = end
    }

    func find(_ text: String, from start: Int) -> Int? {
        var index = start
        let first = text.utf8.first
        while index + text.utf8.count <= source.count {
            if source[index] == first, source[index...].starts(with: text.utf8) { return index }
            index += 1
        }
        return nil
    }

    mutating func emit(_ kind: Token.Kind) { tokens.append(Token(kind: kind, line: line)) }

    private mutating func emitText(_ range: Range<Int>) {
        if !range.isEmpty { emit(.text(String(decoding: source[range], as: UTF8.self))) }
    }
}
