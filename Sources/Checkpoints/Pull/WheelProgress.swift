/// How far a file has come that is put together out of wheels.
///
/// What can be watched are bytes of wheels, which are more, or fewer, than those of the file in them; what is promised are
/// bytes of the file. So the count never passes what the file has, never goes back, and is full only when the file is.
package struct WheelProgress {
    private let total: Int?
    private var shown = 0

    /// - Parameter total: The bytes of the file; nil where nobody knows them.
    package init(total: Int?) { self.total = total }

    /// The bytes to show when `done` bytes of the file are there and `fetched` bytes of the next wheel.
    package mutating func shows(done: Int, fetched: Int = 0) -> Int {
        let most = total.map { max(done, $0 - 1) } ?? .max
        shown = max(shown, min(done + fetched, most))
        return shown
    }
}
