import Grammars

/// Follows one answer by its constraint. Where the answer stands is a function of its tokens alone.
struct Constrained: Sendable {
    private var matcher: Matcher
    private var budget: Constraint.Budget?
    private var count = 0
    private var tail: [UInt8] = []
    private var foresight: Foresight

    init(_ constraint: Constraint) {
        matcher = Matcher(constraint.grammar)
        budget = constraint.budget
        foresight = Foresight(constraint.encode ?? { [trie = constraint.grammar.trie] in trie.split(Array($0.utf8)) })
        exhaust()
    }

    /// Whether nothing can follow.
    var isComplete: Bool { matcher.isComplete }

    /// The tokens that may come next.
    mutating func mask() -> TokenMask { matcher.mask() }

    /// Goes on with a token; false, and nothing changes, if it may not come here.
    mutating func accept(_ token: Int) -> Bool {
        guard matcher.accept(token) else { return false }
        let bytes = matcher.grammar.trie.bytes(of: token)
        foresight.learn(bytes)
        spend(bytes)
        return true
    }

    /// Counts a token of the thoughts.
    private mutating func spend(_ bytes: ArraySlice<UInt8>) {
        guard let budget else { return }
        if let start = budget.start { return open(start, bytes) }
        count += 1
        tail = (tail + bytes).suffix(budget.end.count + 1024)
        if tail.contains(budget.end) { self.budget = nil } else { exhaust() }
    }

    /// Guesses the tokens of what must come next.
    mutating func draft(_ room: Int, _ stakes: inout Stakes, into draft: inout [Int32]) {
        foresight.draft(&matcher, room, &stakes, into: &draft)
    }

    /// Learns how many of the latest guesses were right.
    mutating func note(accepted: Int) { foresight.note(accepted: accepted) }

    /// Looks for the beginning of thoughts, which come first or not at all.
    private mutating func open(_ start: [UInt8], _ bytes: ArraySlice<UInt8>) {
        tail += bytes
        let words = tail.drop { $0 == 0x0A || $0 == 0x20 }
        if words.starts(with: start) {
            budget?.start = nil
            tail = []
            exhaust()
        } else if !start.starts(with: words) {
            budget = nil
        }
    }

    private mutating func exhaust() {
        guard let budget, budget.start == nil, count >= budget.tokens else { return }
        matcher = Matcher(budget.afterwards)
        self.budget = nil
    }
}
