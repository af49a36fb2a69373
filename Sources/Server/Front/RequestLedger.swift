import Inference
import Synchronization

/// What happened so far, by route: counts and times, for `/metrics`.
package final class RequestLedger: Sendable {
    struct Line: Hashable {
        let route: String, method: String, status: Int
    }

    struct State {
        var requests: [Line: Int] = [:]
        var seconds: [String: Histogram] = [:]
        var hangUps = 0
    }

    private static let empty = Histogram(bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120])

    private let state = Mutex(State())

    package init() {}

    var current: State { state.withLock { $0 } }

    func add(route: String, method: String, status: Int, elapsed: Duration) {
        let known = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]
        let line = Line(route: route, method: known.contains(method) ? method : "other", status: status)
        state.withLock { state in
            state.requests[line, default: 0] += 1
            state.seconds[route, default: RequestLedger.empty].observe(elapsed)
        }
    }

    package func addHangUp() { state.withLock { $0.hangUps += 1 } }
}
