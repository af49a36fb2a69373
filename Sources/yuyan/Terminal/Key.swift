/// What a person pressed.
package enum Key: Equatable {
    case character(Character), paste(String)
    case enter, newline, tab, backspace, delete
    case left, right, up, down, home, end, wordLeft, wordRight
    case killLine, killWord, killToEnd, clearScreen, interrupt, endOfInput
    case unknown
}

/// Turns the bytes of a terminal in raw mode into keys, one byte at a time.
package struct KeyParser {
    private var pending: [UInt8] = []
    private var pasted: [UInt8]?

    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    package init() {}

    /// The keys that this byte completes: mostly one or none; two where it is not the rest of the character before it.
    package mutating func take(_ byte: UInt8) -> [Key] {
        guard let first = pending.first, first >= 0x80, !(0x80...0xBF).contains(byte) else { return taken(byte) }
        pending = []
        return [Key.character("\u{FFFD}")] + taken(byte)
    }

    private mutating func taken(_ byte: UInt8) -> [Key] {
        if pasted != nil { return takePasted(byte) }
        pending.append(byte)
        guard let key = decoded() else { return [] }
        pending = []
        guard key != .paste("") else {
            pasted = []
            return []
        }
        return [key]
    }

    private mutating func takePasted(_ byte: UInt8) -> [Key] {
        pasted!.append(byte)
        guard pasted!.suffix(Self.pasteEnd.count) == Self.pasteEnd[...] else { return [] }
        let text = String(decoding: pasted!.dropLast(Self.pasteEnd.count), as: UTF8.self)
        pasted = nil
        return [.paste(text.replacing("\r\n", with: "\n").replacing("\r", with: "\n"))]
    }

    /// The key that the pending bytes are; nil while they may become one.
    private func decoded() -> Key? {
        let first = pending[0]
        if first == 0x1B { return escape() }
        if first < 0x20 || first == 0x7F { return control(first) }
        if first < 0x80 { return .character(Character(UnicodeScalar(first))) }
        guard pending.count >= Self.length(of: first) else { return nil }
        return .character(String(decoding: pending, as: UTF8.self).first ?? "\u{FFFD}")
    }

    /// Bytes of the character that begins with this one: alone where no character does.
    private static func length(of first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    private func control(_ byte: UInt8) -> Key {
        switch byte {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7F: .backspace
        case 0x09: .tab
        case 0x0A: .newline
        case 0x0B: .killToEnd
        case 0x0C: .clearScreen
        case 0x0D: .enter
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .killLine
        case 0x17: .killWord
        default: .unknown
        }
    }

    /// Sequences of ECMA-48 and xterm.
    private func escape() -> Key? {
        guard pending.count > 1 else { return nil }
        switch pending[1] {
        case 0x0D, 0x0A: return .newline  // Alt-Enter
        case UInt8(ascii: "b"): return .wordLeft
        case UInt8(ascii: "f"): return .wordRight
        case 0x7F: return .killWord
        case UInt8(ascii: "["), UInt8(ascii: "O"): break
        default: return .unknown
        }
        guard pending.count > 2, let last = pending.last, (0x40...0x7E).contains(last) else {
            return pending.count > 16 ? .unknown : nil
        }
        return Self.sequences[String(decoding: pending[2...], as: UTF8.self)] ?? .unknown
    }

    private static let sequences: [String: Key] = [
        "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "1~": .home, "4~": .end, "7~": .home,
        "8~": .end, "3~": .delete, "1;5C": .wordRight, "1;5D": .wordLeft, "1;3C": .wordRight, "1;3D": .wordLeft,
        "200~": .paste(""), "13;2u": .newline,
    ]
}
