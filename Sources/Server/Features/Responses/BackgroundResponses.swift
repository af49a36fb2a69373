import HTTPTypes
import NIOCore
import ServiceLifecycle
import Synchronization

/// The responses that are made whether or not anybody listens.
final class BackgroundResponses: Sendable {
    /// One of them.
    struct Work: Sendable {
        let log = ResponseLog()
        /// Somebody asked for its end.
        let cancellation = Occurrence()
    }

    private struct State {
        var works: [String: Work] = [:]
        var tasks: [String: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    func work(_ id: String) -> Work? { state.withLock { $0.works[id] } }

    /// - Parameter limit: how many there may be.
    func start(_ maker: ResponseMaker, limit: Int) async throws -> Work {
        let work = Work(), id = maker.plan.scribe.stamp.id
        try state.withLock { state throws(APIError) in
            guard state.works.count < limit else {
                throw .busy(retryAfter: 5, "\(state.works.count) responses are being made in the background already.")
            }
            state.works[id] = work
        }
        var scribe = maker.plan.scribe, writer = JSONWriter()
        scribe.begin(isQueued: true, to: &writer)
        work.log.append(writer.finish())
        do {
            try await maker.announce(scribe)
        } catch {
            state.withLock { $0.works[id] = nil }
            throw error
        }
        let begun = scribe
        state.withLock { state in
            state.tasks[id] = Task {
                await maker.work(work, begun)
                self.state.withLock { state in
                    state.works[id] = nil
                    state.tasks[id] = nil
                }
            }
        }
        return work
    }

    /// Ends one, if it is being made; it has ended when this returns.
    func cancel(_ id: String) async {
        let (work, task) = state.withLock { ($0.works[id], $0.tasks[id]) }
        work?.cancellation.happen()
        await task?.value
    }

    /// Returns when none is being made any more.
    func settle() async {
        while let task = state.withLock({ $0.tasks.values.first }) { await task.value }
    }
}

// MARK: The work

extension ResponseMaker {
    fileprivate func announce(_ scribe: ResponseScribe) async throws {
        let stored = try plan.stored(scribe), kept = try facilities.requireKeptResponses("background")
        try await kept.storage.run { try kept.records.keep(stored, kept.retention) }
    }

    fileprivate func work(_ work: BackgroundResponses.Work, _ begun: ResponseScribe) async {
        var scribe = begun, end = ResponseEnd.told, isNoted = false
        do {
            let choices = try await submit(until: work.cancellation)
            try await follow(choices, &scribe, until: work.cancellation) { events in
                if !isNoted { await noteProgress(begun) }
                isNoted = true
                work.log.append(events)
            }
        } catch {
            end = work.cancellation.hasHappened ? .cancelled : .failed(APIError(during: error))
        }
        let log = work.log
        let (last, problem) = await finish(&scribe, end) { stored, kept, last in
            var stored = stored
            stored.events = log.text + last
            try kept.records.update(stored)
        }
        if problem != nil { await noteLoss(begun) }
        log.append(last)
        log.close()
    }

    private func noteProgress(_ begun: ResponseScribe) async {
        await note(begun) { $0.move(to: .inProgress) }
    }

    /// Whoever asks for it later is told that it is not to be had.
    private func noteLoss(_ begun: ResponseScribe) async {
        await note(begun) { $0.move(to: .failed, failure: "The server could not store this response.") }
    }

    private func note(_ begun: ResponseScribe, _ change: @escaping @Sendable (inout StoredResponse) -> Void) async {
        guard let kept = facilities.keptResponses, let stored = try? plan.stored(begun) else { return }
        try? await kept.storage.run {
            var stored = stored
            change(&stored)
            try kept.records.update(stored)
        }
    }

    /// Waits for room where the engine has none.
    private func submit(until cancellation: Occurrence) async throws -> Choices {
        while true {
            do { return try Choices(requests, of: model, param: plan.order.promptField) } catch let error as APIError {
                guard error.status == .tooManyRequests else { throw error }
            }
            if cancellation.hasHappened { throw CancellationError() }
            if facilities.drain.cut.hasHappened { throw APIError.cut }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// Lets what is made in the background come to its end when the server does.
struct BackgroundService: Service {
    let background: BackgroundResponses

    func run() async throws {
        try? await gracefulShutdown()
        await background.settle()
    }
}
