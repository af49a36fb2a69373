/// What the engine needs of a network: logits for the rows of a plan. Tests hand in five lines.
package protocol Runner: Sendable {
    var vocabulary: Int { get }
    /// Cache blocks there are.
    var blocks: Int { get }
    /// Runs the plan and shows its logits, a row of `vocabulary` for each of `plan.outputs`, to `body`.
    func run(_ plan: Plan, _ body: (Logits) -> Void) throws
    /// What the cache's blocks hold; nil where nothing outlives the runner.
    var keeping: CacheLayout? { get }
    /// The bytes of a block, which ``fill(_:with:)`` takes back.
    func contents(of block: Int32) -> [UInt8]
    func fill(_ block: Int32, with contents: [UInt8])
}

extension Runner {
    package var keeping: CacheLayout? { nil }
    package func contents(of block: Int32) -> [UInt8] { [] }
    package func fill(_ block: Int32, with contents: [UInt8]) {}
}

/// What the engine needs of a tokenizer.
package protocol Voice: Sendable {
    /// The tokens with which a model ends its answer.
    var endOfGeneration: Set<Int> { get }
    /// - Parameter shown: control tokens that show in the text.
    func makeSpeaker(showing shown: Set<Int>) -> any Speaker
}

/// Turns tokens into text, whole characters only.
package protocol Speaker: Sendable {
    mutating func append(_ id: Int) -> String
}
