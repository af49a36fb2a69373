package import Models

/// One forward pass: which tokens of which requests, one row each.
package struct Plan: Sendable {
    /// Consecutive tokens of one request.
    package struct Slice: Sendable {
        package var id: Int
        /// Its rows in `tokens`.
        package var rows: Range<Int>
        /// The position of its first row in the request's text.
        package var start: Int
        /// The cache blocks that hold positions 0 ..< start + rows.count.
        package var blocks: [Int32]
        /// Its rows in the logits.
        package var outputs: Range<Int>
        /// Whether the last row's logits tell the next token.
        package var isComplete: Bool
        /// How many of the last rows are guesses, all with logits, and how many of these turned out right: whoever samples says so.
        package var drafted = 0
        package var accepted = 0
        /// What the rows go through besides the network: the engine says so.
        package var adapter: LoadedAdapter?
    }

    package var tokens: [Int32] = []
    package var slices: [Slice] = []
    /// The rows of `tokens` whose logits are wanted, in order.
    package var outputs: [Int] = []

    package init() {}

    mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        slices.removeAll(keepingCapacity: true)
        outputs.removeAll(keepingCapacity: true)
    }
}
