import Synchronization

/// What tokens do to one frame of a stack, whatever lies beneath it: those that end inside it, and the places in the trie where
/// the frame is left with the rest of the token still to read.
///
/// The idea is that of XGrammar (Dong et al. 2024, arXiv 2411.15100): most tokens can be decided without the stack. Here the rest
/// is decided frame by frame, and what each frame does is remembered, so that it depends on no more of the stack than was looked
/// at.
final class Cut: Sendable {
    /// Of cuts with the same exits the same.
    let id: Int
    let accepted: TokenSet
    /// Nodes of the trie.
    let exits: [Int32]

    private static let numbers = Atomic(0)

    init(accepted: TokenSet, exits: [Int32], id: Int = Cut.number()) {
        (self.accepted, self.exits, self.id) = (accepted, exits, id)
    }

    static func number() -> Int { numbers.add(1, ordering: .relaxed).oldValue }
}

/// What tokens do to a repetition, by how often it has begun when they end: cuts of it at any count follow without a walk.
final class Repetition: Sendable {
    /// Tokens by their count.
    private let tokens: [[UInt32]]
    private let all: TokenSet
    private let exits: [(node: Int32, count: Int32)], nodes: [Int32]
    private let counts: ClosedRange<Int32>
    /// Of all exits together.
    private let id = Cut.number()

    init(tokens: [[UInt32]], exits: [(node: Int32, count: Int32)], vocabularySize: Int) {
        (self.tokens, self.exits, nodes) = (tokens, exits, exits.map(\.node))
        all = TokenSet(Array(tokens.joined()), vocabularySize: vocabularySize)
        counts = (exits.map(\.count).min() ?? 0)...(exits.map(\.count).max() ?? 0)
    }

    /// - Parameters:
    ///   - needed: how often it must still begin.
    ///   - left: how often it may.
    func cut(needed: Int32, left: Int32, vocabularySize: Int) -> Cut {
        let accepted = accepted(left: Int(left), vocabularySize)
        guard needed > counts.lowerBound || left < counts.upperBound else {
            return Cut(accepted: accepted, exits: nodes, id: id)
        }
        let places = exits.filter { $0.count >= needed && $0.count <= left }.map(\.node)
        return Cut(accepted: accepted, exits: places)
    }

    /// Most tokens are short, so those that are too long are fewer than the others.
    private func accepted(left: Int, _ vocabularySize: Int) -> TokenSet {
        guard left + 1 < tokens.count else { return all }
        guard left > 0, case .many(var words) = all else {
            return TokenSet(Array(tokens.prefix(left + 1).joined()), vocabularySize: vocabularySize)
        }
        for token in tokens[(left + 1)...].joined() { words[Int(token >> 6)] &= ~(1 << UInt64(token & 63)) }
        return .many(words)
    }
}
