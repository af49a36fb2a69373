import Synchronization

/// What one encoding thread needs to itself: its word cache and room for a short merge.
final class Scratch: @unchecked Sendable {  // one thread at a time, by way of the pool
    static let shortest = 64  // parts up to this many bytes are merged in place

    let cache = WordCache()
    let pieces = UnsafeMutablePointer<Piece>.allocate(capacity: Scratch.shortest)
    let merges = UnsafeMutablePointer<Merge>.allocate(capacity: Scratch.shortest)

    deinit {
        pieces.deallocate()
        merges.deallocate()
    }
}

/// Lends a ``Scratch`` to each encoding thread; the lock is held for two array operations a call.
final class ScratchPool: Sendable {
    private static let mostKept = 8
    private let free = Mutex<[Scratch]>([])

    func withScratch<Result>(_ body: (Scratch) -> Result) -> Result {
        let scratch = free.withLock { $0.popLast() } ?? Scratch()
        defer {
            free.withLock { if $0.count < Self.mostKept { $0.append(scratch) } }
        }
        return body(scratch)
    }
}
