/// How many rows a step may have, so that prompts never make streams stutter.
///
/// A step takes about `a + b · rows`; both are learnt from the steps that ran, the recent ones counting most. While someone
/// streams, a step with prompts in it may take twice as long as one without: prompts then get about as many rows as the
/// weights' reading is worth, which costs them half their speed, and streams never wait longer than two of their steps.
package struct Pace: Sendable {
    /// What streams bear: a step may take this many times what it takes without prompts.
    private static let patience = 2.0
    /// What a step weighs after each further one.
    private static let memory = 0.98
    /// Rows for prompts that there always are, and those while nothing is known.
    private static let least = 8, first = 64

    // Sums over the steps: how many, rows, rows², seconds, rows · seconds.
    private var steps = 0.0, rows = 0.0, squares = 0.0, seconds = 0.0, products = 0.0

    package init() {}

    /// Learns from a step of that many rows.
    package mutating func note(rows count: Int, seconds time: Double) {
        let n = Double(count), old = Self.memory
        steps = steps * old + 1
        rows = rows * old + n
        squares = squares * old + n * n
        seconds = seconds * old + time
        products = products * old + n * time
    }

    /// The most rows of the next step, when `streams` of them go to requests that stream.
    package func budget(streams: Int) -> Int {
        guard streams > 0 else { return .max }
        guard let (fixed, each) = line else { return streams + Self.first }
        let most = (Self.patience - 1) * (fixed / each + Double(streams))
        return streams + max(Self.least, Int(min(most, 1e6)))
    }

    /// What a step of that many rows takes, in seconds; nil before the first.
    package func seconds(rows count: Int) -> Double? {
        guard steps > 0 else { return nil }
        if let (fixed, each) = line { return fixed + each * Double(count) }
        return seconds / steps * Self.usual(Double(count)) / Self.usual(rows / steps)
    }

    /// What one more row costs, in steps of one row. Few steps and a busy machine mislead, so not much less than what
    /// is usual, and not more than twice as much.
    package var rowCost: Double {
        guard let (fixed, each) = line else { return Stakes.usualRowCost }
        return min(max(each / (fixed + each), 0.75 * Stakes.usualRowCost), 2 * Stakes.usualRowCost)
    }

    /// What so many rows usually take, in steps of one row.
    private static func usual(_ rows: Double) -> Double { 1 + (rows - 1) * Stakes.usualRowCost }

    /// The line of least squares; nil while all steps had the same rows, or cost nothing more for more of them.
    private var line: (fixed: Double, each: Double)? {
        let spread = steps * squares - rows * rows
        guard spread > 1e-6 * squares * steps else { return nil }
        let each = (steps * products - rows * seconds) / spread
        guard each > 0 else { return nil }
        return (max(0, (seconds - each * rows) / steps), each)
    }
}
