/// Distinct words and how often each was seen: an open hash table over one block of bytes.
final class WordCounter {
    private struct Slot {
        var hash: UInt32
        var next: UInt32  // one more than the word's number; 0 when free
    }

    private(set) var counts: [Int] = []
    private var storage: [UInt8] = []
    private var offsets = [0]
    private var slots = [Slot](repeating: Slot(hash: 0, next: 0), count: 1 << 12)

    var count: Int { counts.count }

    subscript(word: Int) -> ArraySlice<UInt8> { storage[offsets[word]..<offsets[word + 1]] }

    func add(_ word: UTF8Text, times: Int = 1) {
        let hash = UInt32(truncatingIfNeeded: ByteHash.hash(word.base, count: word.count, seed: ByteHash.seed))
        let index = slot(hash, word)
        if slots[index].next > 0 {
            counts[Int(slots[index].next) - 1] += times
        } else {
            slots[index] = Slot(hash: hash, next: UInt32(count + 1))
            counts.append(times)
            storage.append(contentsOf: UnsafeBufferPointer(start: word.base, count: word.count))
            offsets.append(storage.count)
            if 2 * count > slots.count { grow() }
        }
    }

    /// Adds all that another counter has seen.
    func add(_ other: WordCounter) {
        other.storage.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            for word in 0..<other.count {
                let (start, end) = (other.offsets[word], other.offsets[word + 1])
                add(UTF8Text(base + start, count: end - start), times: other.counts[word])
            }
        }
    }

    /// The slot of this word, or the free one where it would go.
    private func slot(_ hash: UInt32, _ word: UTF8Text) -> Int {
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            var index = Int(hash) & mask
            while slots[index].next != 0 {
                if slots[index].hash == hash, holds(Int(slots[index].next) - 1, word) { break }
                index = (index + 1) & mask
            }
            return index
        }
    }

    private func holds(_ number: Int, _ word: UTF8Text) -> Bool {
        let start = offsets[number]
        guard offsets[number + 1] - start == word.count else { return false }
        return storage.withUnsafeBufferPointer { storage in
            for index in 0..<word.count where storage[start + index] != word[index] { return false }
            return true
        }
    }

    private func grow() {
        var larger = [Slot](repeating: Slot(hash: 0, next: 0), count: 4 * slots.count)
        let mask = larger.count - 1
        for slot in slots where slot.next > 0 {
            var index = Int(slot.hash) & mask
            while larger[index].next != 0 { index = (index + 1) & mask }
            larger[index] = slot
        }
        slots = larger
    }
}
