/// Turns arguments in a notation of the model's own into the text of a JSON object, value by value.
struct ValueReader: Sendable {
    let head: String, keyed: String, between: String, tail: String, notation: CallForm.Notation
    private var count = 0

    init(head: String, keyed: String, between: String, tail: String, notation: CallForm.Notation) {
        (self.head, self.keyed, self.between, self.tail) = (head, keyed, between, tail)
        self.notation = notation
    }

    /// Takes whole members from the bytes; returns their text, and whether the object is over.
    mutating func read(_ held: inout [UInt8]) -> (text: String, isOver: Bool) {
        var text = ""
        while true {
            var parser = NotationParser(held, notation)
            // Line ends and spaces stand where a model likes them.
            let lead = count == 0 ? head : between.trimmingSpaces
            guard parser.skip(lead) else {
                guard parser.skip(tail) else { return (text, false) }
                held.removeFirst(parser.place)
                return (text + (count == 0 ? "{}" : "}"), true)
            }
            if count == 0, parser.skip(tail) {
                held.removeFirst(parser.place)
                return (text + "{}", true)
            }
            guard let name = parser.name(before: keyed), let value = parser.value(), !parser.isAtEnd else {
                return (text, false)
            }
            text += (count == 0 ? "{" : ", ") + JSON.string(name).text() + ": " + value.text(.python)
            held.removeFirst(parser.place)
            count += 1
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String { filter { $0 != " " && $0 != "\n" } }
}

/// Reads values that are no JSON, as far as they are whole.
struct NotationParser {
    private let bytes: [UInt8], notation: CallForm.Notation
    private(set) var place = 0

    init(_ bytes: [UInt8], _ notation: CallForm.Notation) { (self.bytes, self.notation) = (bytes, notation) }

    var isAtEnd: Bool { place == bytes.count }

    private static let mostNesting = 64

    private mutating func skipSpaces() {
        while place < bytes.count, bytes[place].isSpace { place += 1 }
    }

    /// Goes on behind the text, if it is next but for spaces.
    mutating func skip(_ text: String) -> Bool {
        let start = place
        skipSpaces()
        guard bytes[place...].starts(with: text.utf8) else {
            place = start
            return false
        }
        place += text.utf8.count
        return true
    }

    /// A member's name, with quotes or without.
    mutating func name(before mark: String) -> String? {
        skipSpaces()
        if let text = quoted() { return skip(mark) ? text : nil }
        guard let end = bytes[place...].firstRange(of: Array(mark.utf8)) else { return nil }
        defer { place = end.upperBound }
        return String(decoding: bytes[place..<end.lowerBound], as: UTF8.self)
    }

    /// The next value; nil where it is not whole yet.
    mutating func value(depth: Int = 0) -> JSON? {
        skipSpaces()
        guard place < bytes.count, depth < Self.mostNesting else { return nil }
        if let text = quoted() { return .string(text) }
        guard !mayBeQuote else { return nil }
        switch bytes[place] {
        case UInt8(ascii: "["): return list(depth)
        case UInt8(ascii: "{"): return object(depth)
        default: return word()
        }
    }

    private mutating func list(_ depth: Int) -> JSON? {
        place += 1
        var elements: [JSON] = []
        while !skip("]") {
            guard elements.isEmpty || skip(","), let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
        }
        return .array(elements)
    }

    private mutating func object(_ depth: Int) -> JSON? {
        place += 1
        var members = OrderedObject()
        while !skip("}") {
            guard members.isEmpty || skip(","), let name = name(before: ":"), let value = value(depth: depth + 1) else {
                return nil
            }
            members[name] = value
        }
        return .object(members)
    }

    /// A number or a word, which something else must follow: it may grow yet.
    private mutating func word() -> JSON? {
        let ends = Array(",]})".utf8)
        guard let end = bytes[place...].firstIndex(where: ends.contains) else { return nil }
        let text = String(decoding: bytes[place..<end], as: UTF8.self).filter { !$0.isWhitespace }
        place = end
        switch text {
        case notation.yes, "true", "True": return true
        case notation.no, "false", "False": return false
        case notation.nothing, "null", "None": return .null
        default: return (try? JSON(parsing: text)) ?? .string(text)
        }
    }
}

// MARK: Texts

extension NotationParser {
    /// Whether what is there may become a quote.
    private var mayBeQuote: Bool {
        let rest = bytes[place...]
        return notation.quote.utf8.starts(with: rest) || rest.starts(with: notation.quote.utf8) || isOwnQuote
    }

    /// Python knows two quotes, and JSON within has the second.
    private var isOwnQuote: Bool {
        notation.isEscaped && place < bytes.count && (bytes[place] == 0x22 || bytes[place] == 0x27)
    }

    /// A text between quotes; nil where there is none, or not its end.
    private mutating func quoted() -> String? {
        if isOwnQuote { return escaped(bytes[place]) }
        let quote = Array(notation.quote.utf8), rest = bytes[place...]
        guard rest.starts(with: quote), let end = rest.dropFirst(quote.count).firstRange(of: quote) else { return nil }
        defer { place = end.upperBound }
        return String(decoding: rest[(place + quote.count)..<end.lowerBound], as: UTF8.self)
    }

    private mutating func escaped(_ quote: UInt8) -> String? {
        var index = place + 1, text: [UInt8] = []
        while index < bytes.count, bytes[index] != quote {
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            guard let (letters, length) = escape(at: index) else { return nil }
            text += letters
            index += length
        }
        guard index < bytes.count else { return nil }
        place = index + 1
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether the first of two escapes is the first half of a pair.
    private static func isPair(_ source: [UInt8]) -> Bool {
        let unit = String(decoding: source[3..<7], as: UTF8.self)
        return UInt16(unit, radix: 16).map { 0xD800..<0xDC00 ~= $0 } == true && source[7..<9].elementsEqual("\\u".utf8)
    }

    /// What an escape stands for, and how long it is.
    private func escape(at index: Int) -> (letters: [UInt8], length: Int)? {
        guard index + 1 < bytes.count else { return nil }
        let letters: [UInt8: UInt8] = [
            UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09, UInt8(ascii: "b"): 0x08,
            UInt8(ascii: "f"): 0x0C,
        ]
        let letter = bytes[index + 1]
        guard letter == UInt8(ascii: "u") else { return ([letters[letter] ?? letter], 2) }
        // As JSON has it, a pair of them for what is beyond the first plane.
        for length in [12, 6] where index + length <= bytes.count {
            let source = [0x22] + bytes[index..<index + length] + [0x22]
            guard length == 6 || Self.isPair(source) else { continue }
            if let text = (try? JSON(parsing: String(decoding: source, as: UTF8.self)))?.string {
                return (Array(text.utf8), length)
            }
        }
        return index + 6 <= bytes.count ? ([letter], 2) : nil
    }
}
