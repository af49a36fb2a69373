/// Byte strings numbered from 0, and a flat hash table that finds the number of some of them.
///
/// It only grows while it is built; then it is read from any thread.
final class ByteStringTable: @unchecked Sendable {
    private let bytes: UnsafeMutablePointer<UInt8>
    private let offsets: [Int]
    private let slots: UnsafeMutablePointer<UInt64>  // the upper half of the hash, and the number plus one
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
        slots.initialize(repeating: 0, count: capacity)
        mask = capacity - 1
        longest = zip(offsets, offsets.dropFirst()).lazy.map { $1 - $0 }.max() ?? 0
    }

    deinit {
        bytes.deallocate()
        slots.deallocate()
    }

    var count: Int { offsets.count - 1 }

    subscript(number: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + offsets[number], count: offsets[number + 1] - offsets[number])
    }

    @inline(__always) private func hash(_ string: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        ByteHash.hash(string, count: count, seed: seed)
    }

    /// The slot of this string, or the free one where it would go.
    @inline(__always) private func slot(_ string: UnsafePointer<UInt8>, count: Int) -> Int {
        let hash = hash(string, count: count)
        let tag = hash >> 32
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index] != 0 {
            if slots[index] >> 32 == tag, holds(Int(slots[index] & 0xFFFF_FFFF) - 1, string, count: count) { break }
            index = (index + 1) & mask
        }
        return index
    }

    @inline(__always) private func holds(_ number: Int, _ string: UnsafePointer<UInt8>, count: Int) -> Bool {
        let own = self[number]
        guard own.count == count else { return false }
        for index in 0..<count where own[index] != string[index] { return false }
        return true
    }

    @inline(__always) func find(_ string: UnsafePointer<UInt8>, count: Int) -> UInt32? {
        guard count <= longest else { return nil }
        let value = slots[slot(string, count: count)] & 0xFFFF_FFFF
        return value == 0 ? nil : UInt32(truncatingIfNeeded: value &- 1)
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
        let index = slot(base, count: own.count)
        guard slots[index] == 0 else { return }
        slots[index] = hash(base, count: own.count) & ~0xFFFF_FFFF | UInt64(number + 1)
    }
}
