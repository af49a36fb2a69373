import NIOCore
import Synchronization

/// The events of a response that is being made in the background, for whoever follows it, from whatever event on.
final class ResponseLog: Sendable {
    private struct State {
        var events: [String] = []
        var isClosed = false
        var followers: [Int: AsyncStream<String>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// - Parameter text: some events, each with the empty line that ends it.
    func append(_ text: ByteBuffer) {
        let events = Self.events(in: String(buffer: text))
        state.withLock { state in
            state.events += events
            for follower in state.followers.values {
                for event in events { follower.yield(event) }
            }
        }
    }

    func close() {
        let followers = state.withLock { state in
            state.isClosed = true
            defer { state.followers = [:] }
            return state.followers.values.map(\.self)
        }
        for follower in followers { follower.finish() }
    }

    /// All events so far.
    var text: String { state.withLock { $0.events.joined() } }

    /// The events after the first `count`, those to come included; now and then a comment if there is nothing to say.
    func events(after count: Int, pingEvery interval: Duration) -> AsyncStream<String> {
        let (events, follower) = AsyncStream<String>.makeStream()
        let ticket: Int? = state.withLock { state in
            for event in state.events.dropFirst(count) { follower.yield(event) }
            guard !state.isClosed else { return nil }
            state.next += 1
            state.followers[state.next] = follower
            return state.next
        }
        guard let ticket else {
            follower.finish()
            return events
        }
        let pings = Task {
            while true {
                try await Task.sleep(for: interval)
                follower.yield(": ping\n\n")
            }
        }
        follower.onTermination = { [weak self] _ in
            pings.cancel()
            self?.state.withLock { $0.followers[ticket] = nil }
        }
        return events
    }

    /// JSON has no empty lines in it, so that they part events. An event's number is its place.
    static func events(in text: String) -> [String] {
        text.split(separator: "\n\n").map { $0 + "\n\n" }
    }
}
