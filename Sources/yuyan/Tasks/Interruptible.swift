@preconcurrency import Dispatch
import Foundation
import Synchronization

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

/// Runs work that leaves nothing behind so that Ctrl-C ends the command at once, with the exit code of an interrupted one.
func endingWhenInterrupted<Result>(_ work: () async throws -> Result) async rethrows -> Result {
    let interruption = Interruption {
        if Terminal.errorIsTerminal { Terminal.draw("\r\u{1B}[K") }
        _exit(ExitStatus.interrupted)
    }
    defer { interruption.end() }
    return try await work()
}

/// What Ctrl-C stops at the moment, where it does not end the process: an answer, or nothing.
final class StopButton: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    /// Whether there was something to stop.
    @discardableResult
    func press() -> Bool {
        let action = action.withLock(\.self)
        action?()
        return action != nil
    }

    /// What a press stops from now on.
    func set(_ new: (@Sendable () -> Void)?) { action.withLock { $0 = new } }
}
