/// A set of bytes.
struct ByteSet: Sendable, Hashable {
    private(set) var bits = SIMD4<UInt64>()

    init() {}

    init(_ bytes: ClosedRange<UInt8>) { for byte in bytes { insert(byte) } }

    mutating func insert(_ byte: UInt8) { bits[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    mutating func formUnion(_ other: ByteSet) { bits |= other.bits }

    func subtracting(_ other: ByteSet) -> ByteSet {
        var result = self
        result.bits &= ~other.bits
        return result
    }

    func contains(_ byte: UInt8) -> Bool { bits[Int(byte >> 6)] >> UInt64(byte & 63) & 1 != 0 }

    /// The one byte there is; nil if there are none or several.
    var only: UInt8? {
        var found: UInt8?
        for index in 0..<4 where bits[index] != 0 {
            guard found == nil, bits[index].nonzeroBitCount == 1 else { return nil }
            found = UInt8(index * 64 + bits[index].trailingZeroBitCount)
        }
        return found
    }
}

/// Which white space a text puts where it may put some: what it did the last time after the same byte.
package struct SpacingHabit: Sendable {
    /// For a byte the space that follows it; 0: none.
    private var spaces: [UInt8: UInt8] = [UInt8(ascii: ":"): 0x20, UInt8(ascii: ","): 0x20]

    package init() {}

    private static let white: ByteSet = {
        var set = ByteSet(0x09...0x0A)
        set.insert(0x0D)
        set.insert(0x20)
        return set
    }()

    /// Learns from bytes that were written.
    package mutating func learn(_ bytes: some Sequence<UInt8>, after last: UInt8?) {
        var last = last
        for byte in bytes {
            if let last, !Self.white.contains(last) { spaces[last] = Self.white.contains(byte) ? byte : 0 }
            last = byte
        }
    }

    /// What follows `last`; nil where more than spaces is open, or where indentation begins.
    func byte(of set: ByteSet, after last: UInt8?) -> UInt8? {
        guard let solid = set.subtracting(Self.white).only else { return nil }
        let space = last.flatMap { spaces[$0] } ?? 0
        guard space != 0, set.contains(space) else { return solid }
        return space == 0x20 ? space : nil
    }
}

extension CompiledGrammar {
    /// The bytes that may follow in any of these states.
    func admitted(_ states: [Int32]) -> ByteSet {
        var set = ByteSet()
        for state in states { set.formUnion(admitted(state)) }
        return set
    }

    private func admitted(_ state: Int32) -> ByteSet {
        if let known = knownFirsts(state) { return known }
        let here = program.states[Int(state)]
        var set = ByteSet()
        if here.count >= 0 {
            set = admitted(program.starts[Int(program.counts[Int(here.count)].rule)])
        } else {
            for index in here.edges {
                let edge = program.edges[Int(index)]
                set.formUnion(ByteSet(edge.first...edge.last))
            }
            for index in here.calls {
                set.formUnion(admitted(program.starts[Int(program.calls[Int(index)].rule)]))
            }
        }
        keepFirsts(set, of: state)
        return set
    }
}

extension TokenTrie {
    /// Bytes as tokens, each as long as can be; ends before what no token spells.
    package func split(_ bytes: [UInt8]) -> [Int] {
        var tokens: [Int] = [], place = 0
        while place < bytes.count, let (token, length) = longestToken(bytes[place...]) {
            tokens.append(token)
            place += length
        }
        return tokens
    }

    private func longestToken(_ bytes: ArraySlice<UInt8>) -> (token: Int, length: Int)? {
        var node: Int32 = 0, best: (Int, Int)?
        for (depth, byte) in bytes.enumerated() {
            var child = node + 1
            let end = nexts[Int(node)]
            while child < end, self.bytes[Int(child)] != byte { child = nexts[Int(child)] }
            guard child < end else { break }
            node = child
            if let token = tokens(at: node).first { best = (Int(token), depth + 1) }
        }
        return best
    }
}
