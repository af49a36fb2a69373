/// How often guesses were right of late, by kind of guess.
struct Luck: Sendable {
    private var rates: [Double]
    private var counts: [Double]
    /// How many of the latest guesses of a kind count most.
    private static let memory = 24.0

    /// - Parameter rates: what is believed of each kind until it has been tried.
    init(_ rates: [Double]) {
        self.rates = rates
        counts = Array(repeating: 4, count: rates.count)
    }

    subscript(kind: Int) -> Double { rates[kind] }

    mutating func note(_ hit: Bool, kind: Int) {
        counts[kind] = min(counts[kind] + 1, Self.memory)
        rates[kind] += ((hit ? 1 : 0) - rates[kind]) / counts[kind]
    }
}
