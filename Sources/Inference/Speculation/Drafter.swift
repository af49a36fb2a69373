/// Guesses the next tokens of one request, for the model to check several in one step.
///
/// A guess costs time and never changes an answer, so a drafter may be as bold as its luck allows.
package protocol Drafter: Sendable {
    /// Learns the request's next token.
    mutating func append(_ token: Int32)

    /// Adds at most `room` tokens that may come next to `draft`, as long as each raises the stakes.
    func draft(_ room: Int, _ stakes: inout Stakes, into draft: inout [Int32])
}

/// What a step costs and brings, so that a drafted row joins it only where it pays.
///
/// Let a step of r rows take the time of 1 + (r - 1) · `rowCost` single rows and bring t tokens. Another row that is
/// right with probability p raises the tokens per time if p / t > `rowCost` / time. So the first guess of a lone
/// request pays early, the tenth hardly ever, and none where many requests fill the step. What a guess itself takes to
/// make, its price, counts too.
package struct Stakes: Sendable {
    /// What one more row is taken to cost, in steps of one row, where that was not measured: more than any model here
    /// took.
    package static let usualRowCost = 0.125

    /// What one more row costs, in steps of one row.
    package let rowCost: Double
    /// What a step of one row takes, if that is known yet.
    package let step: Duration?
    private var time, tokens: Double

    /// - Parameters:
    ///   - rows: what the step has to compute anyway.
    ///   - tokens: what it brings for sure.
    package init(rows: Int, tokens: Int, step: Duration? = nil, rowCost: Double = usualRowCost) {
        (self.rowCost, self.step) = (rowCost, step)
        time = 1 + Double(max(0, rows - 1)) * rowCost
        self.tokens = Double(tokens)
    }

    /// What one more token is worth, in steps of one row: never more than such a step.
    package var worth: Double { 1 / max(1, tokens / time) }

    /// What a row whose token is right with that probability brings more than it costs, where making the guess takes
    /// `price` steps.
    package func gain(_ probability: Double, price: Double = 0) -> Double { probability * worth - rowCost - price }

    /// Adds a row whose token is right with that probability, unless it does not pay.
    package mutating func raise(_ probability: Double) -> Bool {
        guard gain(probability) > 0 else { return false }
        time += rowCost
        tokens += probability
        return true
    }

    /// Time that went into a guess, in steps of one row, whatever became of it.
    package mutating func spend(_ price: Double) { time += price }
}
