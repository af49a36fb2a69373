/// What guessing may still lose, in steps of one row. Each token that comes adds a little, and a right guess what it
/// saved; guesses take what they cost.
///
/// So whoever has no use for guesses soon stops, may try again rarely, and has lost no more than what was put in and
/// that little.
struct Purse: Sendable {
    /// What each token adds, in what it is worth.
    static let share = 0.005

    private(set) var balance = 0.0
    private let most: Double

    /// - Parameter most: what it holds at most, so that it is soon empty when luck changes.
    init(most: Double) { self.most = most }

    /// Puts something in, however full it is.
    mutating func give(_ amount: Double) { balance += amount }

    mutating func add(_ amount: Double) { balance = min(balance + amount, max(most, balance)) }
    mutating func spend(_ amount: Double) { balance -= amount }
}
