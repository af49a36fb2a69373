package import Grammars

/// What an answer is held to.
package struct Constraint: Sendable {
    package var grammar: CompiledGrammar
    /// Thoughts that come before the answer, where they may not go on for ever.
    package var budget: Budget?

    package init(_ grammar: CompiledGrammar, budget: Budget? = nil) { (self.grammar, self.budget) = (grammar, budget) }

    /// After so many tokens the answer goes on by another grammar, which begins with the end of the thoughts.
    package struct Budget: Sendable {
        package var tokens: Int
        /// The text that begins the thoughts, which are counted from there; nil where they have begun already.
        package var start: [UInt8]?
        /// The text that ends the thoughts; once it came up the budget has no more to say.
        package var end: [UInt8]
        package var afterwards: CompiledGrammar

        package init(tokens: Int, start: [UInt8]? = nil, end: [UInt8], afterwards: CompiledGrammar) {
            (self.tokens, self.start, self.end, self.afterwards) = (tokens, start, end, afterwards)
        }
    }
}

/// Follows one answer by its constraint. Where the answer stands is a function of its tokens alone.
struct Constrained: Sendable {
    private var matcher: Matcher
    private var budget: Constraint.Budget?
    private var count = 0
    private var tail: [UInt8] = []

    init(_ constraint: Constraint) {
        matcher = Matcher(constraint.grammar)
        budget = constraint.budget
        exhaust()
    }

    /// Whether nothing can follow.
    var isComplete: Bool { matcher.isComplete }

    mutating func mask() -> TokenMask { matcher.mask() }

    /// Goes on with a token of the mask.
    mutating func accept(_ token: Int) {
        matcher.accept(token)
        guard let budget else { return }
        if let start = budget.start { return open(start, matcher.grammar.trie.bytes(of: token)) }
        count += 1
        tail = (tail + matcher.grammar.trie.bytes(of: token)).suffix(budget.end.count + 1024)
        if tail.contains(budget.end) { self.budget = nil } else { exhaust() }
    }

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
