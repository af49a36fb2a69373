package import Inference
import Synchronization

/// Where the events of several generations meet their one reader.
///
/// The reader takes all there is at once, so that a slow client gets few large writes instead of many small ones.
package final class Inbox: Sendable {
    package enum Item: Sendable {
        case event(choice: Int, GenerationEvent)
        case ping
    }

    private struct State {
        var items: [Item] = []
        var writers: Int
        var failure: (any Error)?
        var reader: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(writers: Int) {
        state = Mutex(State(writers: writers))
    }

    func put(_ item: Item) { update { $0.items.append(item) } }

    /// A writer has written all it had.
    func close() { update { $0.writers -= 1 } }

    func fail(_ error: any Error) { update { $0.failure = $0.failure ?? error } }

    /// Speaks up only if nobody else has.
    func ping() {
        update { state in
            if state.items.isEmpty { state.items.append(.ping) }
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let reader = state.withLock { state in
            change(&state)
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// Everything since the last time, waiting for something to be there; nil when all writers have closed.
    package func next() async throws -> [Item]? {
        try await withTaskCancellationHandler {
            while true {
                if let items = try take() { return items.isEmpty ? nil : items }
                await wait()
            }
        } onCancel: {
            fail(CancellationError())
        }
    }

    /// Nil: nothing yet; empty: nothing ever again.
    private func take() throws -> [Item]? {
        try state.withLock { state in
            if let failure = state.failure, state.items.isEmpty || failure is CancellationError { throw failure }
            guard state.items.isEmpty else {
                defer { state.items = [] }
                return state.items
            }
            return state.writers == 0 ? [] : nil
        }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if !state.items.isEmpty || state.writers == 0 || state.failure != nil { return true }
                state.reader = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
