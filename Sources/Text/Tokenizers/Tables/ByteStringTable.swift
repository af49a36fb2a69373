/// Byte strings numbered from 0, and a flat hash table that finds the number of some of them.
///
/// A string of up to eleven bytes, as nearly all tokens are, lies in its slot, so finding it touches one cache line.
/// The table only grows while it is built; then it is read from any thread.
final class ByteStringTable: @unchecked Sendable {
    /// A short string with its length, or the hash of a long one.
    private struct Key: Equatable {
        static let longestShort = 11
        static let isLong = UInt32(0xFF) << 24

        var low: UInt64
        var high: UInt32
    }

    private struct Slot {
        var key: Key
        var next: UInt32  // one more than the number; 0 when free
    }

    private let bytes: UnsafeMutablePointer<UInt8>
    private let offsets: [Int]
    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int
    private let seed = ByteHash.seed
    /// The most bytes of one string.
    let longest: Int

    /// String `i` is `storage[offsets[i]..<offsets[i + 1]]`; none can be found until it is inserted.
    init(storage: [UInt8], offsets: [Int]) {
        bytes = .allocate(capacity: max(storage.count, 1))
        storage.withUnsafeBufferPointer { [bytes] in
            if let base = $0.baseAddress { bytes.initialize(from: base, count: $0.count) }
        }
        self.offsets = offsets
        let capacity = 1 << (Int.bitWidth - (2 * max(offsets.count, 4) - 1).leadingZeroBitCount)
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(key: Key(low: 0, high: 0), next: 0), count: capacity)
        mask = capacity - 1
        longest = zip(offsets, offsets.dropFirst()).lazy.map { $1 - $0 }.max() ?? 0
    }

    deinit {
        bytes.deallocate()
        slots.deallocate()
    }

    subscript(number: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + offsets[number], count: offsets[number + 1] - offsets[number])
    }

    @inline(__always) private func key(_ string: UnsafePointer<UInt8>, count: Int) -> Key {
        if count < 8 { return Key(low: ByteHash.tail(string, count: count), high: UInt32(count) << 24) }
        guard count <= Key.longestShort else {
            return Key(low: ByteHash.hash(string, count: count, seed: seed), high: Key.isLong)
        }
        let low = UnsafeRawPointer(string).loadUnaligned(as: UInt64.self)
        let rest = UInt32(truncatingIfNeeded: ByteHash.tail(string + 8, count: count - 8))
        return Key(low: low, high: rest | UInt32(count) << 24)
    }

    /// The slot of this string, or the free one where it would go.
    @inline(__always) private func slot(_ key: Key, _ string: UnsafePointer<UInt8>, count: Int) -> Int {
        var index = Int(truncatingIfNeeded: ByteHash.mix(ByteHash.mix(key.low ^ seed) ^ UInt64(key.high))) & mask
        while slots[index].next != 0 {
            let isSame = slots[index].key == key
            if isSame, key.high != Key.isLong || holds(Int(slots[index].next) - 1, string, count: count) { break }
            index = (index + 1) & mask
        }
        return index
    }

    private func holds(_ number: Int, _ string: UnsafePointer<UInt8>, count: Int) -> Bool {
        self[number].elementsEqual(UnsafeBufferPointer(start: string, count: count))
    }

    @inline(__always) func find(_ string: UnsafePointer<UInt8>, count: Int) -> UInt32? {
        guard count <= longest else { return nil }
        let next = slots[slot(key(string, count: count), string, count: count)].next
        return next == 0 ? nil : next &- 1
    }

    func find(_ string: some Sequence<UInt8>) -> UInt32? {
        Array(string).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { find($0, count: buffer.count) }
        }
    }

    /// Makes string `number` findable, unless it is empty or another with the same bytes already is.
    func insert(_ number: Int) {
        let own = self[number]
        guard let base = own.baseAddress, !own.isEmpty else { return }
        let key = key(base, count: own.count)
        let index = slot(key, base, count: own.count)
        if slots[index].next == 0 { slots[index] = Slot(key: key, next: UInt32(number + 1)) }
    }
}
