/// Finds tokens that are matched as a whole before any merging: control tokens and user-defined ones.
///
/// A trie over bytes; of several matches at one place the longest wins.
struct SpecialTokens: Sendable {
    private let trie: ByteTrie
    private let isFirst: [Bool]

    init(_ ids: [Int], _ vocabulary: Vocabulary) {
        let spelled = ids.map { (number: $0, bytes: vocabulary.bytesInText(of: $0)) }
        var isFirst = [Bool](repeating: false, count: 256)
        for (_, bytes) in spelled { bytes.first.map { isFirst[Int($0)] = true } }
        (trie, self.isFirst) = (ByteTrie(spelled), isFirst)
    }

    struct Match {
        var id: Int
        var start, end: Int
    }

    /// The first place at or after `start` where a token stands, and the longest token there.
    func next(in text: UTF8Text, from start: Int) -> Match? {
        guard !trie.isEmpty else { return nil }
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
        while index < text.count, let child = trie.child(of: node, text[index]) {
            node = child
            index += 1
            let id = trie.number(at: node)
            if id != ByteTrie.none { match = Match(id: Int(id), start: start, end: index) }
        }
        return match
    }
}
