/// A double array (Aoe 1989, in the layout of Darts-clone), which leads from the bytes of keys to numbers.
struct DoubleArray {
    typealias Entry = (key: [UInt8], value: UInt32)

    private(set) var units: [UInt32] = [0]
    private var isTaken = [true], isBase = [false]

    /// - Parameter entries: in the order of their keys, which differ, and have neither no bytes nor the byte 0; numbers are below 2³¹.
    init(_ entries: [Entry]) { place(entries[...], depth: 0, at: 0) }

    /// Puts what follows the first `depth` bytes, which these entries share, under the node at `index`. A number has the place of byte 0.
    private mutating func place(_ entries: ArraySlice<Entry>, depth: Int, at index: Int) {
        var children: [(byte: Int, entries: ArraySlice<Entry>)] = [], rest = entries
        func byte(_ entry: Entry) -> Int { depth < entry.key.count ? Int(entry.key[depth]) : 0 }
        while let first = rest.first {
            let those = rest.prefix { byte($0) == byte(first) }
            children.append((byte(first), those))
            rest = rest.dropFirst(those.count)
        }
        guard !children.isEmpty else { return }
        let base = takeBase(for: children.map(\.byte))
        units[index] |= UInt32(base ^ index) << 10
        for (byte, entries) in children where byte > 0 {
            units[base ^ byte] = UInt32(byte)
            place(entries, depth: depth + 1, at: base ^ byte)
        }
        guard let first = entries.first, first.key.count == depth else { return }
        units[index] |= 0x100
        units[base] = 0x8000_0000 | first.value
    }

    /// A base that no other node has, with all of its places free; places far from the end are not looked at again.
    private mutating func takeBase(for bytes: [Int]) -> Int {
        var base = max(1, units.count - 1024)
        while isBase.indices.contains(base) && isBase[base] || bytes.contains(where: { holds(base ^ $0) }) { base += 1 }
        grow(to: (base | 0xFF) + 1)  // whatever byte follows, its place is one of the array
        isBase[base] = true
        for byte in bytes { isTaken[base ^ byte] = true }
        return base
    }

    private func holds(_ index: Int) -> Bool { isTaken.indices.contains(index) && isTaken[index] }

    private mutating func grow(to count: Int) {
        guard count > units.count else { return }
        let more = count - units.count
        units += Array(repeating: 0, count: more)
        isTaken += Array(repeating: false, count: more)
        isBase += Array(repeating: false, count: more)
    }
}
