package import Grammars

/// What an answer is held to.
package struct Constraint: Sendable {
    package var grammar: CompiledGrammar
    /// Thoughts that come before the answer, where they may not go on for ever.
    package var budget: Budget?
    /// How a model would write a text; nil: with tokens as long as can be.
    package var encode: (@Sendable (String) -> [Int])?

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
