/// SentencePiece writes a space as `▁` (U+2581) and cannot tell the two apart afterwards; here both are a space.
enum SpaceMarks {
    /// Appends `bytes`, each mark as a space.
    static func append(_ bytes: UnsafeBufferPointer<UInt8>, to spaced: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let isMark = isMark(bytes, at: index)
            spaced.append(isMark ? UInt8(ascii: " ") : bytes[index])
            index += isMark ? 3 : 1
        }
    }

    /// Calls `body` with the text in spaces; copies it only if it has a mark.
    static func withSpaces(_ text: UTF8Text, _ body: (UTF8Text) -> Void) {
        let bytes = UnsafeBufferPointer(start: text.base, count: text.count)
        guard bytes.indices.contains(where: { isMark(bytes, at: $0) }) else { return body(text) }
        var spaced: [UInt8] = []
        spaced.reserveCapacity(text.count)
        append(bytes, to: &spaced)
        call(body, spaced)
    }

    /// Calls `body` with a space and the text.
    static func withPrefix(_ text: UTF8Text, _ body: (UTF8Text) -> Void) {
        call(body, [UInt8(ascii: " ")] + UnsafeBufferPointer(start: text.base, count: text.count))
    }

    private static func call(_ body: (UTF8Text) -> Void, _ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { body(UTF8Text(base, count: buffer.count)) }
        }
    }

    @inline(__always) private static func isMark(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        bytes[index] == 0xE2 && index + 2 < bytes.count && bytes[index + 1] == 0x96 && bytes[index + 2] == 0x81
    }
}
