/// The characters that pieces are made of, numbered: a space, printable ASCII, and what is frequent.
///
/// ASCII is there whether it occurs or not, so that the spelling of a control token or a byte token is text like any other.
struct PieceAlphabet {
    private(set) var scalars: [UInt32] = []
    private var symbols = [UInt32](repeating: PieceAlphabet.none, count: 0x110000)

    static let none = UInt32.max

    /// Takes the most frequent characters until they make up that share of all.
    init(_ words: WordCounter, coverage: Double) {
        let counts = Self.counts(words)
        for scalar in UInt32(0x20)...0x7E { add(scalar) }
        let all = counts.reduce(0, +)
        var left = Double(all) - coverage * Double(all) - 1e-9 * Double(all)
        var rare = counts.indices.filter { counts[$0] > 0 }
        rare.sort { counts[$0] == counts[$1] ? $0 > $1 : counts[$0] < counts[$1] }
        let first = rare.firstIndex { scalar in
            left -= Double(counts[scalar])
            return left < 0
        }
        for scalar in rare[(first ?? rare.endIndex)...].reversed() { add(UInt32(scalar)) }
    }

    private mutating func add(_ scalar: UInt32) {
        guard symbols[Int(scalar)] == Self.none else { return }
        symbols[Int(scalar)] = UInt32(scalars.count)
        scalars.append(scalar)
    }

    private static func counts(_ words: WordCounter) -> [Int] {
        var counts = [Int](repeating: 0, count: 0x110000)
        for word in 0..<words.count {
            forEachScalar(of: words[word]) { counts[Int($0)] += words.counts[word] }
        }
        return counts
    }

    /// The number of a character, or `none`.
    func symbol(of scalar: UInt32) -> UInt32 { symbols[Int(scalar)] }

    /// The text of a piece, with the mark of a space.
    func spelling(of piece: some Sequence<UInt32>) -> String {
        var text = String.UnicodeScalarView()
        for symbol in piece { text.append(Unicode.Scalar(symbol == 0 ? 0x2581 : scalars[Int(symbol)]) ?? " ") }
        return String(text)
    }

    /// Calls `body` with each character; SentencePiece's mark of a space is a space.
    static func forEachScalar(of word: ArraySlice<UInt8>, _ body: (UInt32) -> Void) {
        word.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            let text = UTF8Text(base, count: bytes.count)
            var index = 0
            while index < text.count {
                let (value, length) = text.decode(at: index) ?? (0xFFFD, 1)
                body(value == 0x2581 ? 0x20 : value)
                index += length
            }
        }
    }
}
