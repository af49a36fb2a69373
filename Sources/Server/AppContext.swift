package import Hummingbird
import Synchronization

/// What travels with a request from its connection to its feature.
package struct AppContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let notes = RequestNotes()
    package let hangUp: Occurrence

    package init(source: Source) {
        coreContext = .init(source: source)
        hangUp = HangUp.current ?? Occurrence()
    }
}

/// What a feature tells the log line and the metrics about its request.
package final class RequestNotes: Sendable {
    package let started = ContinuousClock.now
    private let state = Mutex(State())

    struct State {
        var id = ""
        var model: String?
        var caller = Caller()
        var promptTokens = 0, completionTokens = 0
        var outcome: String?
        var refusals: RefusalForm = { $0.write(to: &$1) }
    }

    /// How a refusal is written; OpenAI's way unless the route's dialect has another.
    package typealias RefusalForm = @Sendable (APIError, inout JSONWriter) -> Void

    package var refusals: RefusalForm {
        get { state.withLock { $0.refusals } }
        set { state.withLock { $0.refusals = newValue } }
    }

    package init() {}

    var current: State { state.withLock { $0 } }

    /// The request's identity, as `x-request-id` tells it.
    package var id: String {
        get { state.withLock { $0.id } }
        set { state.withLock { $0.id = newValue } }
    }

    package func note(model: String) { state.withLock { $0.model = model } }

    package func add(promptTokens: Int, completionTokens: Int) {
        state.withLock {
            $0.promptTokens += promptTokens
            $0.completionTokens += completionTokens
        }
    }

    /// Whose request it is.
    var caller: Caller { state.withLock { $0.caller } }

    func note(caller: Caller) { state.withLock { $0.caller = caller } }

    /// How a stream ended, where its status cannot tell any more.
    package func note(outcome: String) { state.withLock { $0.outcome = outcome } }

    package var elapsed: Duration { started.duration(to: .now) }
}
