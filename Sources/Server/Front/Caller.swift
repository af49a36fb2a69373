/// Whose request it is, and what it may ask for.
struct Caller: Sendable, Hashable {
    /// Their key's place among the keys; 0 where none is asked for.
    var number = 0
    /// Whether their requests may go before others'.
    var mayHurry = false
}
