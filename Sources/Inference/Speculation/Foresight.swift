import Grammars

/// Drafts what a grammar leaves no choice about: the names of members, brackets, words that only one value has.
///
/// The bytes are certain, but for the white space, which is as before. Which tokens write them is not: a model may cut them
/// otherwise than its tokenizer does. So they are guesses like others, checked by the model, and change no answer.
struct Foresight: Sendable {
    private let encode: @Sendable (String) -> [Int]
    private var habit = SpacingHabit()
    private var last: UInt8?
    /// Tokens of bytes that are certain, and those behind white space.
    private var luck = Luck([0.9, 0.7])
    /// The kinds of the latest draft.
    private var drafted: [Int] = []

    private static let mostBytes = 96

    init(_ encode: @escaping @Sendable (String) -> [Int]) { self.encode = encode }

    mutating func learn(_ bytes: ArraySlice<UInt8>) {
        habit.learn(bytes, after: last)
        last = bytes.last ?? last
    }

    mutating func draft(_ matcher: inout Matcher, _ room: Int, _ stakes: inout Stakes, into draft: inout [Int32]) {
        drafted = []
        guard room > 0 else { return }
        let (bytes, certain) = matcher.foreseen(limit: Self.mostBytes, after: last, habit)
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else { return }
        var probability = 1.0, place = 0
        for token in encode(text).prefix(room) {
            place += matcher.grammar.trie.bytes(of: token).count
            let kind = place <= certain ? 0 : 1
            probability *= luck[kind]
            guard stakes.raise(probability) else { return }
            draft.append(Int32(token))
            drafted.append(kind)
        }
    }

    /// - Parameter accepted: how many guesses of the latest draft were right.
    mutating func note(accepted: Int) {
        for kind in drafted.prefix(accepted) { luck.note(true, kind: kind) }
        if accepted < drafted.count { luck.note(false, kind: drafted[accepted]) }
        drafted = []
    }
}
