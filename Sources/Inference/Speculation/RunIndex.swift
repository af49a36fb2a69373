/// Finds where the last tokens of a growing text came up latest before: a hash table of places, without removal.
///
/// Places are compared with the text, so that equal hashes of different runs do no harm but that one forgets the other.
struct RunIndex: Sendable {
    /// Tokens of a run.
    let length: Int
    /// Where runs ended, by their hash; 0 is none.
    private var places: [Int32] = []

    init(length: Int) { self.length = length }

    /// Enters the run at the end of `tokens`; returns where the same run ended before.
    mutating func replace(_ tokens: [Int32]) -> Int? {
        guard tokens.count >= length else { return nil }
        if tokens.count * 2 > places.count { grow(tokens) }
        let place = slot(tokens, tokens.count), before = Int(places[place])
        places[place] = Int32(tokens.count)
        return before > 0 && isSame(tokens, before) ? before : nil
    }

    private func isSame(_ tokens: [Int32], _ end: Int) -> Bool {
        (1...length).allSatisfy { tokens[end - $0] == tokens[tokens.count - $0] }
    }

    private func slot(_ tokens: [Int32], _ end: Int) -> Int {
        var hash: UInt64 = 0
        for index in end - length..<end {
            hash = (hash ^ UInt64(UInt32(bitPattern: tokens[index]))) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
        }
        return Int(truncatingIfNeeded: hash) & (places.count - 1)
    }

    /// Twice the room at least, with the runs before the last entered again.
    private mutating func grow(_ tokens: [Int32]) {
        var room = max(64, places.count)
        while room < tokens.count * 2 { room *= 2 }
        places = Array(repeating: 0, count: room)
        for end in length..<max(length, tokens.count) { places[slot(tokens, end)] = Int32(end) }
    }
}
