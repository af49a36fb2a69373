import Synchronization

/// What tokens do to one frame of a stack, whatever lies beneath it: those that end inside it, and the places in the trie where
/// the frame is left with the rest of the token still to read.
///
/// The idea is that of XGrammar (Dong et al. 2024, arXiv 2411.15100): most tokens can be decided without the stack. Here the rest
/// is decided frame by frame, and what each frame does is remembered, so that it depends on no more of the stack than was looked
/// at.
final class Cut: Sendable {
    let id: Int
    let accepted: TokenSet
    /// Nodes of the trie.
    let exits: [Int32]

    private static let numbers = Atomic(0)

    init(accepted: TokenSet, exits: [Int32]) {
        (self.accepted, self.exits) = (accepted, exits)
        id = Self.numbers.add(1, ordering: .relaxed).oldValue
    }
}

/// What tokens do to a repetition, by how often it has begun when they end: cuts of it at any count follow without a walk.
final class Repetition: Sendable {
    /// Tokens by their count.
    let tokens: [[UInt32]]
    let exits: [(node: Int32, count: Int32)]

    init(tokens: [[UInt32]], exits: [(node: Int32, count: Int32)]) { (self.tokens, self.exits) = (tokens, exits) }

    /// - Parameters:
    ///   - needed: how often it must still begin.
    ///   - left: how often it may.
    func cut(needed: Int32, left: Int32, vocabularySize: Int) -> Cut {
        let kept = tokens.prefix(Int(left) + 1)
        let places = exits.filter { $0.count >= needed && $0.count <= left }.map(\.node)
        return Cut(accepted: TokenSet(Array(kept.joined()), vocabularySize: vocabularySize), exits: places)
    }
}
