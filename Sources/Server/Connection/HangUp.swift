import Synchronization

/// Tells who listens that the client has closed its end of the connection.
///
/// A client that waits silently for its answer can go away at any time; nobody would notice before the next write, and
/// the engine would work for nobody. The connection's ``ConnectionGuard`` sees the end of its input and signals here.
package final class HangUp: Sendable {
    @TaskLocal package static var current: HangUp?

    private struct State {
        var happened = false
        var next = 0
        var listeners: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var happened: Bool { state.withLock { $0.happened } }

    package func signal() {
        let listeners = state.withLock { state in
            state.happened = true
            defer { state.listeners = [:] }
            return state.listeners.values.map(\.self)
        }
        for listener in listeners { listener() }
    }

    /// Runs `body`; `onHangUp` is called at most once, at once if the client is already gone.
    package func listening<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ onHangUp: @escaping @Sendable () -> Void,
        while body: () async throws -> Value
    ) async rethrows -> Value {
        let ticket: Int? = state.withLock { state in
            guard !state.happened else { return nil }
            state.next += 1
            state.listeners[state.next] = onHangUp
            return state.next
        }
        if ticket == nil { onHangUp() }
        defer { if let ticket { state.withLock { _ = $0.listeners.removeValue(forKey: ticket) } } }
        return try await body()
    }
}
