/// The tokens of single bytes, which stand for what is no token.
struct ByteFallback: Sendable {
    private let byteIDs: [Int?]
    let unknown: Int?

    var hasBytes: Bool { byteIDs.contains { $0 != nil } }

    init(_ vocabulary: Vocabulary, unknown: Int?) {
        var byteIDs = [Int?](repeating: nil, count: 256)
        for (id, kind) in vocabulary.kinds.enumerated() where kind == .byte {
            if let byte = vocabulary.bytes(of: id).first { byteIDs[Int(byte)] = id }
        }
        (self.byteIDs, self.unknown) = (byteIDs, unknown)
    }

    func append(_ text: UTF8Text, _ range: Range<Int>, to ids: inout [Int]) {
        for index in range {
            if let id = byteIDs[Int(text[index])] ?? unknown { ids.append(id) }
        }
    }
}

extension UTF8Text {
    /// The next space after `start`, or the end: a word takes the space before it along.
    func wordEndAtSpace(from start: Int) -> Int {
        var index = start + 1
        while index < count, self[index] != UInt8(ascii: " ") { index += 1 }
        return min(index, count)
    }
}
