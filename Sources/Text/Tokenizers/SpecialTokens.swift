/// Finds tokens that are matched as a whole before any merging: control tokens and user-defined ones.
///
/// A trie over bytes; of several matches at one place the longest wins.
struct SpecialTokens: Sendable {
    private let children: PairTable
    private let tokens: [UInt32?]
    private let isFirst: [Bool]

    init(_ ids: [Int], _ vocabulary: Vocabulary) {
        let spelled = ids.map { vocabulary.bytesInText(of: $0) }
        let children = PairTable(capacity: spelled.reduce(0) { $0 + $1.count })
        var tokens: [UInt32?] = [nil], isFirst = [Bool](repeating: false, count: 256)
        for (id, bytes) in zip(ids, spelled) {
            guard let first = bytes.first else { continue }
            isFirst[Int(first)] = true
            var node: UInt32 = 0
            for byte in bytes {
                let next = children.find(node, UInt32(byte))?.first ?? UInt32(tokens.count)
                if next == tokens.count { tokens.append(nil) }
                children.insert(node, UInt32(byte), .init(first: next, second: 0))
                node = next
            }
            tokens[Int(node)] = tokens[Int(node)] ?? UInt32(id)
        }
        (self.children, self.tokens, self.isFirst) = (children, tokens, isFirst)
    }

    struct Match {
        var id: Int
        var start, end: Int
    }

    /// The first place at or after `start` where a token stands, and the longest token there.
    func next(in text: UTF8Text, from start: Int) -> Match? {
        guard tokens.count > 1 else { return nil }
        return isFirst.withUnsafeBufferPointer { isFirst in
            var index = start
            while index < text.count {
                if isFirst[Int(text[index])], let match = longest(in: text, at: index) { return match }
                index += 1
            }
            return nil
        }
    }

    private func longest(in text: UTF8Text, at start: Int) -> Match? {
        var node: UInt32 = 0, index = start, match: Match?
        while index < text.count, let child = children.find(node, UInt32(text[index])) {
            node = child.first
            index += 1
            if let id = tokens[Int(node)] { match = Match(id: Int(id), start: start, end: index) }
        }
        return match
    }
}
