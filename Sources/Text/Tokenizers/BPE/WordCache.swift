/// Remembers the ids of short words: a direct-mapped table of fixed size in which a new word displaces an old one.
final class WordCache {
    static let longestWord = 24
    static let mostIDs = 9

    /// A word of up to 24 bytes, and whether it is a whole word or a part of one.
    struct Key {
        var a, b, c: UInt64
        var tag: UInt16
    }

    /// One cache line.
    private struct Entry {
        var a, b, c: UInt64
        var tag: UInt16  // 0: empty
        var count: UInt16
        var ids: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)
    }

    private static let count = 1 << 14
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        let empty = Entry(a: 0, b: 0, c: 0, tag: 0, count: 0, ids: (0, 0, 0, 0, 0, 0, 0, 0, 0))
        entries = .allocate(capacity: Self.count)
        entries.initialize(repeating: empty, count: Self.count)
    }

    deinit { entries.deallocate() }

    @inline(__always) static func key(_ word: UTF8Text, isPart: Bool) -> Key {
        var key = Key(a: 0, b: 0, c: 0, tag: UInt16(truncatingIfNeeded: word.count) << 1 | (isPart ? 1 : 0))
        let raw = UnsafeRawPointer(word.base)
        switch word.count {
        case ..<8: key.a = ByteHash.tail(word.base, count: word.count)
        case ..<16:
            key.a = raw.loadUnaligned(as: UInt64.self)
            key.b = raw.loadUnaligned(fromByteOffset: word.count - 8, as: UInt64.self)
        default:
            key.a = raw.loadUnaligned(as: UInt64.self)
            key.b = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            key.c = raw.loadUnaligned(fromByteOffset: word.count - 8, as: UInt64.self)
        }
        return key
    }

    @inline(__always) private func entry(for key: Key) -> UnsafeMutablePointer<Entry> {
        let hash = ByteHash.mix(ByteHash.mix(ByteHash.mix(key.a ^ UInt64(key.tag)) ^ key.b) ^ key.c)
        return entries + Int(truncatingIfNeeded: hash) & (Self.count - 1)
    }

    /// Appends the ids of the word, if it is here.
    @inline(__always) func append(_ key: Key, to ids: inout [Int]) -> Bool {
        let entry = entry(for: key)
        let isHit = entry.pointee.tag == key.tag && entry.pointee.a == key.a && entry.pointee.b == key.b
        guard isHit, entry.pointee.c == key.c else { return false }
        withUnsafeBytes(of: &entry.pointee.ids) { raw in
            for index in 0..<Int(entry.pointee.count) {
                ids.append(Int(raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
            }
        }
        return true
    }

    func insert(_ key: Key, _ ids: ArraySlice<Int>) {
        guard ids.count <= Self.mostIDs else { return }
        let entry = entry(for: key)
        (entry.pointee.a, entry.pointee.b, entry.pointee.c) = (key.a, key.b, key.c)
        (entry.pointee.tag, entry.pointee.count) = (key.tag, UInt16(ids.count))
        withUnsafeMutableBytes(of: &entry.pointee.ids) { raw in
            for (index, id) in ids.enumerated() {
                raw.storeBytes(of: UInt32(id), toByteOffset: index * 4, as: UInt32.self)
            }
        }
    }
}
