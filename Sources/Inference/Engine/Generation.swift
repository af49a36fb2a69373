/// A request in progress: a sequence of events, read by one task.
///
///     for try await event in try engine.generate(request) { … }
///
/// Dropping it, leaving the loop or cancelling the reading task cancels the request; its blocks are free at the next step.
public struct Generation: AsyncSequence, Sendable {
    public typealias Element = GenerationEvent

    /// Cancels when the last copy is gone.
    final class Lifeline: Sendable {
        let mailbox: Mailbox
        private let onCancel: @Sendable () -> Void

        init(_ mailbox: Mailbox, onCancel: @escaping @Sendable () -> Void) {
            (self.mailbox, self.onCancel) = (mailbox, onCancel)
        }

        deinit { onCancel() }
        func cancel() { onCancel() }
    }

    let lifeline: Lifeline

    /// Asks the engine to stop; the events end with ``FinishReason/cancelled`` and what was used so far.
    public func cancel() { lifeline.cancel() }

    public func makeAsyncIterator() -> Iterator { Iterator(lifeline: lifeline) }

    public struct Iterator: AsyncIteratorProtocol {
        let lifeline: Lifeline

        public func next() async throws(EngineError) -> GenerationEvent? {
            try await next(isolation: nil)
        }

        public func next(isolation actor: isolated (any Actor)?) async throws(EngineError) -> GenerationEvent? {
            let event = try await lifeline.mailbox.next()
            if Task.isCancelled { lifeline.cancel() }
            return event
        }
    }
}

extension Generation {
    /// A whole answer.
    public struct Answer: Sendable, Hashable {
        public var text = ""
        public var tokens: [TokenScore] = []
        public var promptScores: [TokenScore] = []
        public var reason = FinishReason.cancelled
        public var usage = Usage(promptTokens: 0)
    }

    /// Waits for the end.
    public func collect() async throws -> Answer {
        var answer = Answer()
        for try await event in self {
            switch event {
            case .promptScores(let scores): answer.promptScores = scores
            case .delta(let text, let tokens):
                answer.text += text
                answer.tokens += tokens
            case .finished(let reason, let usage): (answer.reason, answer.usage) = (reason, usage)
            }
        }
        try Task.checkCancellation()
        return answer
    }
}
