@preconcurrency import Dispatch
import Foundation

/// Runs `work` so that Ctrl-C cancels it: it throws `CancellationError`, and what it was holding is put away first.
func interruptible<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
    let task = Task { try await work() }
    let interruption = Interruption { task.cancel() }
    defer { interruption.end() }
    let result = await withTaskCancellationHandler {
        await task.result
    } onCancel: {
        task.cancel()
    }
    guard !task.isCancelled else { throw CancellationError() }
    return try result.get()
}

/// Calls `action` on each SIGINT while it lasts, instead of ending the process.
final class Interruption: Sendable {
    private let source: any DispatchSourceSignal

    init(_ action: @escaping @Sendable () -> Void) {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler(handler: action)
        source.resume()
    }

    func end() {
        source.cancel()
        signal(SIGINT, SIG_DFL)
    }
}
