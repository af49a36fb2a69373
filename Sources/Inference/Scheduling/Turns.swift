/// In which order the requests of several clients have their turn: start-time fair queueing (Goyal, Vin and Cheng 1996).
///
/// Each request begins where its client's last one ends, or now if that is over; a long prompt ends later. Those that begin
/// earlier go first. So a client with a hundred requests waiting takes turns with one that has a single request, a client that
/// was silent has saved nothing up, and for one client alone it is the order of arrival.
struct Turns: Sendable {
    /// Smaller is stronger. Fixed for a request's life.
    struct Rank: Comparable, Sendable {
        let start: Int, priority: Int, arrival: Int

        /// A step of priority is worth 64 turns.
        private var turn: Int { start - 64 * priority }

        static func < (a: Self, b: Self) -> Bool {
            (a.turn, -a.priority, a.arrival) < (b.turn, -b.priority, b.arrival)
        }
    }

    /// Tokens of a prompt that are worth one more turn.
    private static let length = 512

    private var now = 0, arrivals = 0
    /// Where each client's last request ends.
    private var ends: [Int: Int] = [:]

    mutating func rank(client: Int, tokens: Int, priority: Int) -> Rank {
        let start = max(now, ends[client] ?? 0)
        ends[client] = start + 1 + tokens / Self.length
        arrivals += 1
        let steps = GenerationRequest.priorities
        let priority = min(max(priority, steps.lowerBound), steps.upperBound)
        return Rank(start: start, priority: priority, arrival: arrivals)
    }

    /// A request has been seated: whoever comes from now on begins no earlier.
    mutating func pass(_ rank: Rank) { now = max(now, rank.start) }
}
