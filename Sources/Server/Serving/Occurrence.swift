import Synchronization

/// Something that happens once, and who wants to know.
package final class Occurrence: Sendable {
    private struct State {
        var hasHappened = false
        var next = 0
        var listeners: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var hasHappened: Bool { state.withLock { $0.hasHappened } }

    package func happen() {
        let listeners = state.withLock { state in
            state.hasHappened = true
            defer { state.listeners = [:] }
            return state.listeners.values.map(\.self)
        }
        for listener in listeners { listener() }
    }

    /// Runs `body`; `whenItHappens` is called at most once; at once if it has happened before.
    package func listening<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ whenItHappens: @escaping @Sendable () -> Void,
        while body: () async throws -> Value
    ) async rethrows -> Value {
        let ticket: Int? = state.withLock { state in
            guard !state.hasHappened else { return nil }
            state.next += 1
            state.listeners[state.next] = whenItHappens
            return state.next
        }
        if ticket == nil { whenItHappens() }
        defer { if let ticket { state.withLock { _ = $0.listeners.removeValue(forKey: ticket) } } }
        return try await body()
    }
}
