import Synchronization

/// What is wanted of a text.
enum VectorWish { case vector, score }

/// A text that waits for its numbers.
struct WaitingText {
    let input: VectorInput, wish: VectorWish
    /// Where its numbers go.
    let index: Int, answers: VectorAnswers
}

/// Texts that somebody asked for at once, as far as they wait.
struct VectorRequest {
    private let inputs: [VectorInput], wish: VectorWish, answers: VectorAnswers
    private var taken = 0

    init(_ inputs: [VectorInput], _ wish: VectorWish, _ answers: VectorAnswers) {
        (self.inputs, self.wish, self.answers) = (inputs, wish, answers)
    }

    /// Tokens that wait.
    var waiting: Int { inputs[taken...].reduce(0) { $0 + $1.tokens.count } }
    var isDone: Bool { taken == inputs.count }
    var next: WaitingText { WaitingText(input: inputs[taken], wish: wish, index: taken, answers: answers) }

    mutating func takeNext() { taken += 1 }
}

/// Requests that take turns, a text each.
struct VectorQueue {
    private var requests: [(ticket: Int, request: VectorRequest)] = []
    private var tickets = 0
    /// Whose turn it is.
    private var turn = 0

    mutating func add(_ request: VectorRequest) -> Int {
        tickets += 1
        requests.append((tickets, request))
        return tickets
    }

    /// Drops what a request still waits for; returns how many tokens.
    mutating func remove(_ ticket: Int) -> Int {
        guard let place = requests.firstIndex(where: { $0.ticket == ticket }) else { return 0 }
        if place < turn { turn -= 1 }
        return requests.remove(at: place).request.waiting
    }

    /// Texts of no more tokens together, or a single one; empty where none waits.
    mutating func take(_ most: Int) -> [WaitingText] {
        var texts: [WaitingText] = [], tokens = 0
        while !requests.isEmpty {
            turn %= requests.count
            let text = requests[turn].request.next
            guard texts.isEmpty || tokens + text.input.tokens.count <= most else { break }
            tokens += text.input.tokens.count
            texts.append(text)
            requests[turn].request.takeNext()
            if requests[turn].request.isDone { requests.remove(at: turn) } else { turn += 1 }
        }
        return texts
    }
}

/// Collects the numbers of one request's texts, and tells them once all are there.
final class VectorAnswers: Sendable {
    private struct State {
        var values: [[Float]], left: Int, isGivenUp = false
        var waiter: CheckedContinuation<[[Float]]?, Never>?
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(values: Array(repeating: [], count: count), left: count)) }

    /// Resumes with all of them, or with nil where the request is given up.
    func wait(_ waiter: CheckedContinuation<[[Float]]?, Never>) {
        state.withLock { $0.waiter = waiter }
        tell()
    }

    func set(_ index: Int, _ values: [Float]) {
        state.withLock { state in
            state.values[index] = values
            state.left -= 1
        }
        tell()
    }

    func giveUp() {
        state.withLock { $0.isGivenUp = true }
        tell()
    }

    private func tell() {
        let (waiter, values) = state.withLock { state -> (CheckedContinuation<[[Float]]?, Never>?, [[Float]]?) in
            guard state.left == 0 || state.isGivenUp else { return (nil, nil) }
            defer { state.waiter = nil }
            return (state.waiter, state.left == 0 ? state.values : nil)
        }
        waiter?.resume(returning: values)
    }
}
