import Foundation

extension UTF8Text {
    /// Whether the text is surely in normal form C: all its scalars come from blocks where none composes.
    var isComposed: Bool {
        var index = 0
        while index < count {
            guard self[index] >= 0xCC else {  // below U+0300
                index += 1
                continue
            }
            guard let (value, length) = decode(at: index), Self.neverComposes(value) else { return false }
            index += length
        }
        return true
    }

    /// Kana without their voicing marks, ideographs, Hangul syllables, full-width forms.
    private static func neverComposes(_ value: UInt32) -> Bool {
        switch value {
        case 0..<0x300, 0x2010...0x2027, 0x3000...0x3029, 0x3030...0x3098, 0x309B...0x30FF: true
        case 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xFF00...0xFFEF: true
        default: false
        }
    }

    /// Calls `body` with the text in normal form C; text that is not UTF-8 stays as it is.
    func withComposed(_ body: (UTF8Text) -> Void) {
        guard let text = String(validating: UnsafeBufferPointer(start: base, count: count), as: UTF8.self) else {
            return body(self)
        }
        var composed = text.precomposedStringWithCanonicalMapping
        composed.withUTF8 { bytes in
            if let base = bytes.baseAddress { body(UTF8Text(base, count: bytes.count)) }
        }
    }
}
