import Inference
import Synchronization

/// Several generations for one request: `n` choices, or the choices of a list of prompts.
///
/// The first is submitted at once, so that a refusal still finds its status; the others follow, a few at a time, and wait
/// where the queue is full.
struct Choices: Sendable {
    private static let width = 8

    private let model: any GenerativeModel
    private let requests: [GenerationRequest]
    private let first: GenerativeModel.Events?

    /// - Parameter param: the field that a refusal of the prompt names.
    init(_ requests: [GenerationRequest], of model: any GenerativeModel, param: String) throws {
        (self.model, self.requests) = (model, requests)
        do {
            first = try requests.first.map { request throws(EngineError) in try model.generate(request) }
        } catch {
            throw APIError(error, param: param)
        }
    }

    var count: Int { requests.count }

    /// Hands the events to `read`, and ends every generation when it returns, the client hangs up, or the server's patience
    /// ends.
    func events<Value>(
        until hangUp: Occurrence,
        or cut: Occurrence,
        pingEvery interval: Duration? = nil,
        _ read: (Inbox) async throws -> Value
    ) async throws -> Value {
        let inbox = Inbox(writers: requests.count)
        return try await hangUp.listening {
            inbox.fail(CancellationError())
        } while: {
            try await cut.listening {
                inbox.fail(APIError.cut)
            } while: {
                try await follow(inbox, pingEvery: interval, read)
            }
        }
    }

    private func follow<Value>(
        _ inbox: Inbox,
        pingEvery interval: Duration?,
        _ read: (Inbox) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            let turn = Turn(requests.count)
            for _ in 0..<min(Choices.width, requests.count) {
                group.addTask { await work(turn, inbox) }
            }
            if let interval { group.addTask { try await ping(inbox, every: interval) } }
            return try await read(inbox)
        }
    }
}

extension Choices {
    /// Deals out the numbers of the choices.
    private final class Turn: Sendable {
        private let next = Atomic(0)
        private let count: Int

        init(_ count: Int) { self.count = count }

        func take() -> Int? {
            let index = next.add(1, ordering: .relaxed).oldValue
            return index < count ? index : nil
        }
    }

    private func work(_ turn: Turn, _ inbox: Inbox) async {
        do {
            while let index = turn.take() {
                let events = if index == 0, let first { first } else { try await submit(requests[index]) }
                for try await event in events { inbox.put(.event(choice: index, event)) }
                inbox.close()
            }
        } catch {
            inbox.fail(error)
        }
    }

    private func submit(_ request: GenerationRequest) async throws -> GenerativeModel.Events {
        var request = request
        request.isRetried = true
        while true {
            do throws(EngineError) {
                return try model.generate(request)
            } catch {
                guard case .full(let delay) = error else { throw error }
                try await Task.sleep(for: min(delay, .seconds(1)))
            }
        }
    }

    private func ping(_ inbox: Inbox, every interval: Duration) async throws {
        while true {
            try await Task.sleep(for: interval)
            inbox.ping()
        }
    }
}
