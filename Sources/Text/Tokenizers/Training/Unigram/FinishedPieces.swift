/// The tokens in their order: `<unk>`, control tokens, bytes, pieces from the most probable on.
struct FinishedPieces {
    /// The score of what is never found in text; a reader that looks for it there all the same will not take it.
    private static let unreachable = -1e6

    private let tokens: [String]
    private let kinds: [TokenizerSpecification.TokenKind]
    private let scores: [Double]

    init(_ model: PieceModel, _ alphabet: PieceAlphabet, room: Int, special: [String]) {
        let digits = Array("0123456789ABCDEF")
        let first = special + (0..<256).map { "<0x\(digits[$0 / 16])\(digits[$0 % 16])>" }
        let taken = Set(first.map(ExactString.init))
        func ranked(_ pieces: some Sequence<Int>) -> [Int] {
            pieces.sorted { a, b in
                model.scores[a] == model.scores[b] ? a < b : model.scores[a] > model.scores[b]
            }
        }
        let free = (0..<model.count).filter { !taken.contains(ExactString(alphabet.spelling(of: model.pieces[$0]))) }
        let single = free.filter { $0 < model.alphabet }
        let kept = ranked(single + ranked(free.dropFirst(single.count)).prefix(room - single.count))
        tokens = first + kept.map { alphabet.spelling(of: model.pieces[$0]) }
        scores = first.map { _ in Self.unreachable } + kept.map { model.scores[$0] }
        kinds =
            [.unknown] + repeatElement(.control, count: special.count - 1)
            + repeatElement(.byte, count: 256) + repeatElement(.normal, count: kept.count)
    }

    func specification(prefix: TokenizerSpecification.Spaces.Prefix) -> TokenizerSpecification {
        let kind = TokenizerSpecification.Kind.unigram(.init(prefix: prefix, splitsWords: true))
        return TokenizerSpecification(kind: kind, tokens: tokens, kinds: kinds, scores: scores, unknown: 0)
    }
}
