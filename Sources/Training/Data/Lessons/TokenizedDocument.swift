/// Token ids, and which of them a model is to learn to say.
package struct TokenizedDocument: Sendable, Hashable {
    package private(set) var tokens: [Int] = []
    package private(set) var isLearnt: [Bool] = []

    init() {}

    init(_ tokens: [Int], isLearnt: Bool) { append(tokens[...], isLearnt: isLearnt) }

    package var count: Int { tokens.count }

    /// Tokens that are learnt; the first has nothing before it and never is.
    package var learnt: Int { isLearnt.dropFirst().count { $0 } }

    mutating func append(_ more: some Collection<Int>, isLearnt learnt: Bool) {
        tokens += more
        isLearnt += repeatElement(learnt, count: more.count)
    }
}
