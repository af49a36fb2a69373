import Foundation
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The head of a web server's answer.
struct HTTPReply: Sendable {
    let status: Int
    let url: URL
    /// By names in small letters.
    let headers: [String: String]
}

/// One GET whose body is handed on as it comes, and which never runs far ahead of its taker.
///
/// Redirections are returned, not followed: whoever asks decides what the next server may see.
final class HTTPTransfer: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var continuation: CheckedContinuation<HTTPReply, any Error>?
        var reply: HTTPReply?
        var failure: (any Error)?
        var lastSign = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let head: @Sendable (HTTPReply) throws -> Void
    private let body: @Sendable (Data) throws -> Void

    private init(
        head: @escaping @Sendable (HTTPReply) throws -> Void,
        body: @escaping @Sendable (Data) throws -> Void
    ) {
        (self.head, self.body) = (head, body)
    }

    /// Asks; calls `head` once and `body` for each piece, one after the other. What they throw ends the transfer, and so does
    /// a server that is silent for too long.
    static func get(
        _ request: URLRequest,
        silence: Duration,
        head: @escaping @Sendable (HTTPReply) throws -> Void,
        body: @escaping @Sendable (Data) throws -> Void
    ) async throws -> HTTPReply {
        let transfer = HTTPTransfer(head: head, body: body)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpShouldSetCookies = false
        let session = URLSession(configuration: configuration, delegate: transfer, delegateQueue: BoundedQueue())
        defer { session.finishTasksAndInvalidate() }
        let task = session.dataTask(with: request)
        let watch = Task { try await transfer.watch(task, silence) }
        defer { watch.cancel() }
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { continuation in
                transfer.state.withLock { $0.continuation = continuation }
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }

    func urlSession(
        _: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        guard let response = response as? HTTPURLResponse, let url = response.url else {
            return completionHandler(.cancel)
        }
        let headers = response.allHeaderFields.map { ("\($0)".lowercased(), "\($1)") }
        let reply = HTTPReply(status: response.statusCode, url: url, headers: Dictionary(headers) { $1 })
        state.withLock {
            $0.reply = reply
            $0.lastSign = .now
        }
        let isWelcome = attempt { try head(reply) }
        completionHandler(isWelcome ? .allow : .cancel)
        if !isWelcome { leave(dataTask) }
    }

    func urlSession(_: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        state.withLock { $0.lastSign = .now }
        if !attempt({ try body(data) }) { leave(dataTask) }
    }

    /// Ends a transfer from one of its own calls, which must not wait for it; nor does whoever asked. `body` is not called
    /// again. Once is enough: each cancellation holds a thread until the transfer's queue is free, and what the server had
    /// sent already comes in many pieces.
    private func leave(_ task: URLSessionTask) {
        guard conclude(nil) else { return }
        DispatchQueue.global().async { task.cancel() }
    }

    func urlSession(
        _: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection: HTTPURLResponse,
        newRequest: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(_: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        conclude(error)
    }

    /// Tells how it went, once; false if that was told already.
    @discardableResult
    private func conclude(_ error: (any Error)?) -> Bool {
        let (continuation, result) = state.withLock {
            state -> (CheckedContinuation<HTTPReply, any Error>?, Result<HTTPReply, any Error>) in
            defer { state.continuation = nil }
            if let failure = state.failure { return (state.continuation, .failure(failure)) }
            if let error { return (state.continuation, .failure(error)) }
            return (state.continuation, state.reply.map { .success($0) } ?? .failure(URLError(.badServerResponse)))
        }
        continuation?.resume(with: result)
        return continuation != nil
    }

    /// Ends the transfer once nothing has come for `silence`; the request's own timeout is not kept on every system.
    private func watch(_ task: URLSessionTask, _ silence: Duration) async throws {
        while true {
            try await Task.sleep(for: silence / 4)
            let quiet = state.withLock { ContinuousClock.now - $0.lastSign }
            guard quiet > silence else { continue }
            _ = attempt { throw URLError(.timedOut) }
            return task.cancel()
        }
    }

    /// Whether `work` went well; keeps the error if not, and does nothing after the first.
    private func attempt(_ work: () throws -> Void) -> Bool {
        guard state.withLock({ $0.failure == nil }) else { return false }
        do {
            try work()
            return true
        } catch {
            state.withLock { $0.failure = error }
            return false
        }
    }
}

/// The queue of a transfer's calls, one after the other, with room for a few: who brings more has to wait, and so in the end
/// has the sender.
private final class BoundedQueue: OperationQueue, @unchecked Sendable {
    private let room = DispatchSemaphore(value: 64)

    override init() {
        super.init()
        maxConcurrentOperationCount = 1
    }

    override func addOperation(_ block: @escaping @Sendable () -> Void) {
        room.wait()
        super.addOperation {
            block()
            self.room.signal()
        }
    }
}
