/// The unigram language model (Kudo 2018): of all ways to cut a word into tokens the one whose scores sum up to most.
///
/// Sums, and the order in which equal ones are met, are those of the reference, so that ties fall alike.
struct Unigram: Sendable {
    private let trie: ByteTrie
    private let scores: [Double]
    private let unknownScore: Double
    private let splitsWords: Bool
    private let fallback: ByteFallback

    /// How much worse than the worst token a scalar is that is no token.
    private static let unknownPenalty = 10.0

    init(_ vocabulary: Vocabulary, _ specification: TokenizerSpecification, splitsWords: Bool) {
        let findable = vocabulary.kinds.indices.filter { [.normal, .userDefined].contains(vocabulary.kinds[$0]) }
        trie = ByteTrie(findable.map { ($0, Array(vocabulary.bytes(of: $0))) })
        scores = specification.scores
        unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
        self.splitsWords = splitsWords
        fallback = ByteFallback(vocabulary, unknown: specification.unknown)
    }

    func encode(_ text: UTF8Text, into ids: inout [Int]) {
        var start = 0, lattice: [Node] = []
        while start < text.count {
            let end = splitsWords ? text.wordEndAtSpace(from: start) : text.count
            let word = UTF8Text(text.base + start, count: end - start)
            fill(&lattice, word)
            append(lattice, word, to: &ids)
            start = end
        }
    }

    /// The best way to a place in the word: its score, and the token that ends there.
    private struct Node {
        static let none = Node(score: -.infinity, start: -1, id: ByteTrie.none)

        var score: Double
        var start: Int
        var id: UInt32
    }

    private func fill(_ lattice: inout [Node], _ word: UTF8Text) {
        lattice.removeAll(keepingCapacity: true)
        lattice.append(contentsOf: repeatElement(.none, count: word.count + 1))
        lattice[0].score = 0
        var start = 0
        while start < word.count {
            let score = lattice[start].score, length = word.decode(at: start)?.length ?? 1
            var node: UInt32 = 0, index = start, isKnown = false
            while index < word.count, let child = trie.child(of: node, word[index]) {
                node = child
                index += 1
                let id = trie.number(at: node)
                guard id != ByteTrie.none else { continue }
                Self.offer(Node(score: scores[Int(id)] + score, start: start, id: id), to: &lattice[index])
                if index == start + length { isKnown = true }
            }
            if !isKnown {
                let unknown = Node(score: unknownScore + score, start: start, id: ByteTrie.none)
                Self.offer(unknown, to: &lattice[start + length])
            }
            start += length
        }
    }

    @inline(__always) private static func offer(_ node: Node, to best: inout Node) {
        if best.start < 0 || node.score > best.score { best = node }
    }

    private func append(_ lattice: [Node], _ word: UTF8Text, to ids: inout [Int]) {
        var ends: [Int] = [], end = word.count, wasUnknown = false
        while end > 0 {
            ends.append(end)
            end = lattice[end].start
        }
        for end in ends.reversed() {
            let node = lattice[end], isUnknown = node.id == ByteTrie.none
            if !isUnknown {
                ids.append(Int(node.id))
            } else if fallback.hasBytes {
                fallback.append(word, node.start..<end, to: &ids)
            } else if !wasUnknown, let unknown = fallback.unknown {  // one for all neighbours
                ids.append(unknown)
            }
            wasUnknown = isUnknown
        }
    }
}
