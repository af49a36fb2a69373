/// Which neighbouring scalars can end up in one token.
///
/// If no token holds the last bytes of one scalar followed by the first bytes of the next, no merge crosses the border
/// between them, so text may be cut there and its parts merged apart: the tokens are the same. Most of the borders in
/// running Chinese are of this kind, and all those before a space. Both sets may claim too much, never too little.
struct Joints: Sendable {
    /// Pairs of bytes about a border where a token holds two ASCII scalars, or only a part of one of its scalars.
    private var bytes = [UInt64](repeating: 0, count: 1 << 10)
    /// Pairs of whole scalars, by hash.
    private var scalars = [UInt64](repeating: 0, count: 1 << 14)

    init(_ vocabulary: Vocabulary, unencodable: [UInt8]) {
        for id in 0..<vocabulary.count where vocabulary.kinds[id] == .normal || vocabulary.isByteLevel {
            let token = vocabulary.bytes(of: id)
            guard let base = token.baseAddress, token.count > 1 else { continue }
            insert(UTF8Text(base, count: token.count))
        }
        // Bytes without a token vanish before merging, so their neighbours may meet.
        for byte in unencodable {
            for other in 0..<256 {
                insert(byte, UInt8(other))
                insert(UInt8(other), byte)
            }
        }
    }

    private mutating func insert(_ token: UTF8Text) {
        var left: UInt32?, index = 0
        while index < token.count {
            let scalar = token.decode(at: index)
            if index > 0, token[index] & 0xC0 != 0x80 {
                if let left, let right = scalar?.value, left | right >= 0x80 {
                    let hash = Self.hash(left, right)
                    scalars[hash >> 6] |= 1 << UInt64(hash & 63)
                } else {
                    insert(token[index - 1], token[index])
                }
            }
            left = scalar?.value
            index += scalar?.length ?? 1
        }
    }

    private mutating func insert(_ left: UInt8, _ right: UInt8) {
        let index = Int(left) << 8 | Int(right)
        bytes[index >> 6] |= 1 << UInt64(index & 63)
    }

    @inline(__always) private static func hash(_ left: UInt32, _ right: UInt32) -> Int {
        let key = UInt64(left) << 32 | UInt64(right)
        return Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 44)
    }

    /// The end of the part that begins at `start` and that no merge leaves, at most `limit`.
    @inline(__always) func partEnd(in text: UTF8Text, from start: Int, to limit: Int) -> Int {
        var left: UInt32?, index = start
        while index < limit {
            let scalar = text.decode(at: index)
            if index > start, let left, let right = scalar?.value, !joins(left, right, in: text, at: index) {
                return index
            }
            left = scalar?.value
            index += scalar?.length ?? 1
        }
        return limit
    }

    @inline(__always) private func joins(_ left: UInt32, _ right: UInt32, in text: UTF8Text, at index: Int) -> Bool {
        let pair = Int(text[index - 1]) << 8 | Int(text[index])
        if bytes[pair >> 6] >> UInt64(pair & 63) & 1 != 0 { return true }
        guard left | right >= 0x80 else { return false }
        let hash = Self.hash(left, right)
        return scalars[hash >> 6] >> UInt64(hash & 63) & 1 != 0
    }
}
