/// One rule as a nondeterministic automaton over bytes and calls of other rules.
struct Network {
    enum Step {
        case free
        case range(ClosedRange<UInt8>)
        case call(Int)
    }

    /// The most nodes of all rules together.
    static let limit = 400_000

    private(set) var edges: [[(step: Step, target: Int)]] = []

    mutating func node() throws(GrammarError) -> Int {
        guard edges.count < Self.limit else { throw .tooLarge("it has more than \(Self.limit) places") }
        edges.append([])
        return edges.count - 1
    }

    mutating func connect(_ from: Int, _ to: Int, _ step: Step = .free) { edges[from].append((step, to)) }

    mutating func connect(_ from: Int, _ bytes: some Sequence<UInt8>) throws(GrammarError) -> Int {
        var end = from
        for byte in bytes {
            let next = try node()
            connect(end, next, .range(byte...byte))
            end = next
        }
        return end
    }

    private mutating func connect(_ from: Int, _ to: Int, bytes ranges: [ClosedRange<UInt8>]) throws(GrammarError) {
        var end = from
        for range in ranges.dropLast() {
            let next = try node()
            connect(end, next, .range(range))
            end = next
        }
        if let last = ranges.last { connect(end, to, .range(last)) }
    }

    /// Adds a text's machine; returns where it ends.
    mutating func connect(
        _ from: Int,
        _ machine: CharacterMachine,
        _ spelling: Spelling
    ) throws(GrammarError) -> Int {
        var nodes: [Int] = []
        for _ in machine.states { nodes.append(try node()) }
        let end = try node()
        connect(from, nodes[0])
        for (index, state) in machine.states.enumerated() {
            if state.isAccepting { connect(nodes[index], end) }
            for edge in state.edges {
                let range = edge.first...edge.last
                for bytes in spelling.bytes(of: range) {
                    try connect(nodes[index], nodes[Int(edge.target)], bytes: bytes)
                }
            }
        }
        return end
    }
}

extension Spelling {
    /// The sequences of bytes that spell the characters of a range.
    func bytes(of range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        switch self {
        case .plain: UTF8Ranges.sequences(range)
        case .json: Self.escaped(range, quote: 0x22, Escapes.json)
        case .python: Self.escaped(range, quote: 0x27, Escapes.python)
        }
    }

    private static func escaped(
        _ range: ClosedRange<UInt32>,
        quote: UInt32,
        _ escape: (UInt8) -> [UInt8]
    ) -> [[ClosedRange<UInt8>]] {
        var sequences: [[ClosedRange<UInt8>]] = []
        for character in [UInt32](0..<0x20) + [quote, 0x5C] where range.contains(character) {
            sequences.append(escape(UInt8(character)).map { $0...$0 })
        }
        for plain: ClosedRange<UInt32> in [0x20...quote - 1, quote + 1...0x5B, 0x5D...0x10FFFF]
        where plain.overlaps(range) {
            sequences += UTF8Ranges.sequences(plain.clamped(to: range))
        }
        return sequences
    }
}

/// Ranges of characters as ranges of UTF-8 bytes.
enum UTF8Ranges {
    /// No character of a part has a longer code than another, and no part has surrogates.
    private static let parts: [ClosedRange<UInt32>] = [
        0...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x1_0000...0x10_FFFF,
    ]

    static func sequences(_ range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        parts.filter { $0.overlaps(range) }.flatMap { split($0.clamped(to: range)) }
    }

    /// Cuts a range so that in each piece every byte runs through a range of its own.
    private static func split(_ range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        let (first, last) = (range.lowerBound, range.upperBound)
        if last < 0x80 { return [[UInt8(first)...UInt8(last)]] }
        for shift: UInt32 in [6, 12, 18] {
            let mask: UInt32 = 1 << shift - 1
            guard first & ~mask != last & ~mask else { break }
            if first & mask != 0 { return split(first...(first | mask)) + split((first | mask) + 1...last) }
            if last & mask != mask { return split(first...(last & ~mask) - 1) + split(last & ~mask...last) }
        }
        return [zip(bytes(first), bytes(last)).map { $0...$1 }]
    }

    private static func bytes(_ character: UInt32) -> [UInt8] {
        Unicode.Scalar(character).map { Array(String($0).utf8) } ?? []
    }
}
