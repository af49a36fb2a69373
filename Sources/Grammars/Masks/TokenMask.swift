/// Which tokens may come next, a bit for each.
package struct TokenMask: Sendable, Hashable {
    package private(set) var words: [UInt64]
    package let count: Int

    package init(count: Int) {
        self.count = count
        words = Array(repeating: 0, count: (count + 63) / 64)
    }

    package subscript(token: Int) -> Bool { words[token >> 6] >> UInt64(token & 63) & 1 != 0 }

    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The tokens, in order.
    package var tokens: [Int] { (0..<count).filter { self[$0] } }

    mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    mutating func insert(_ token: Int) { words[token >> 6] |= 1 << UInt64(token & 63) }

    mutating func formUnion(_ set: TokenSet) {
        switch set {
        case .few(let tokens): for token in tokens { insert(Int(token)) }
        case .many(let others):
            words.withUnsafeMutableBufferPointer { words in
                others.withUnsafeBufferPointer { others in
                    for index in words.indices { words[index] |= others[index] }
                }
            }
        }
    }

    /// Makes all other tokens impossible.
    package func apply(to logits: UnsafeMutableBufferPointer<Float>) {
        words.withUnsafeBufferPointer { words in
            for (index, word) in words.enumerated() where word != .max {
                let range = index * 64..<min(count, index * 64 + 64)
                guard word != 0 else {
                    for token in range { logits[token] = -.infinity }
                    continue
                }
                for token in range where word >> UInt64(token & 63) & 1 == 0 { logits[token] = -.infinity }
            }
            for token in min(count, logits.count)..<logits.count { logits[token] = -.infinity }
        }
    }
}

/// A set of tokens that never changes, as a list or as bits, whichever is less.
enum TokenSet: Sendable {
    case few([UInt32])
    case many([UInt64])

    init(_ tokens: [UInt32], vocabularySize: Int) {
        guard tokens.count > vocabularySize / 32 else {
            self = .few(tokens)
            return
        }
        var words = [UInt64](repeating: 0, count: (vocabularySize + 63) / 64)
        for token in tokens { words[Int(token >> 6)] |= 1 << UInt64(token & 63) }
        self = .many(words)
    }
}
