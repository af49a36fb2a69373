import Foundation
import Synchronization
import Tensors
import Text

/// Makes vectors and scores for many at a time: what waits is computed together, texts of any lengths side by side.
///
/// It has a thread of its own while there is work. Requests are bounded at the door, and take turns text by text, so that a small one
/// does not wait for a large one; what a request given up still had to come is dropped. A result never depends on what else is computed.
public final class VectorEngine: Sendable {
    public let model: VectorModel
    private let options: Options
    private let state = Mutex(State())

    public struct Options: Sendable {
        /// Tokens computed in one step, unless a single text has more.
        public var tokensAtOnce = 1024
        /// Tokens that may wait.
        public var mostWaiting = 1 << 20

        public init() {}
    }

    /// What an engine has done so far.
    public struct Statistics: Sendable, Hashable {
        public var texts = 0, tokens = 0, waiting = 0
    }

    private struct State {
        var queue = VectorQueue()
        var statistics = Statistics()
        var runs = false
    }

    public init(_ model: VectorModel, options: Options = Options()) { (self.model, self.options) = (model, options) }

    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// Whether nothing is computed, nor waits to be.
    public var isIdle: Bool { state.withLock { !$0.runs } }

    /// A vector for each text. Ends at once where the task is cancelled.
    ///
    /// - Throws: ``EngineError`` for texts that do not fit, or too many.
    public func vectors(_ inputs: [VectorInput]) async throws(EngineError) -> [[Float]] {
        try await run(inputs, .vector)
    }

    /// A score for each text or pair of texts. Ends at once where the task is cancelled.
    ///
    /// - Throws: ``EngineError`` for texts that do not fit, or too many.
    public func scores(_ inputs: [VectorInput]) async throws(EngineError) -> [Float] {
        guard model.ranks else { throw .invalid("\(model.name) makes vectors and has no head that scores") }
        return try await run(inputs, .score).map { $0[0] }
    }

    private func run(_ inputs: [VectorInput], _ wish: VectorWish) async throws(EngineError) -> [[Float]] {
        try check(inputs)
        guard !inputs.isEmpty else { return [] }
        let answers = VectorAnswers(inputs.count)
        guard let ticket = seat(VectorRequest(inputs, wish, answers)) else { throw .full(retryAfter: .seconds(1)) }
        let found = await withTaskCancellationHandler {
            await withCheckedContinuation { answers.wait($0) }
        } onCancel: {
            leave(ticket)
            answers.giveUp()
        }
        guard let found else { throw .cancelled }
        return found
    }

    /// Lets a request in, and starts the thread if it is not there; nil where too much waits.
    private func seat(_ request: VectorRequest) -> Int? {
        let (ticket, starts) = state.withLock { state -> (Int?, Bool) in
            let waiting = state.statistics.waiting, tokens = request.waiting
            guard waiting == 0 || waiting + tokens <= options.mostWaiting else { return (nil, false) }
            state.statistics.waiting += tokens
            defer { state.runs = true }
            return (state.queue.add(request), !state.runs)
        }
        if starts { Thread.detachNewThread { self.work() } }
        return ticket
    }

    private func leave(_ ticket: Int) {
        state.withLock { $0.statistics.waiting -= $0.queue.remove(ticket) }
    }

    private func check(_ inputs: [VectorInput]) throws(EngineError) {
        for input in inputs {
            guard !input.tokens.isEmpty else { throw .emptyPrompt }
            guard input.tokens.count <= model.contextLength else {
                throw .promptTooLong(tokens: input.tokens.count, maxTokens: 0, limit: model.contextLength)
            }
            let size = model.tokenizer.vocabularySize
            if let odd = input.tokens.first(where: { $0 < 0 || $0 >= size }) {
                throw .unknownToken(id: Int(odd), vocabulary: size)
            }
        }
    }

    private func work() {
        while let texts = next() {
            for wish in [VectorWish.vector, .score] {
                let own = texts.filter { $0.wish == wish }
                guard !own.isEmpty else { continue }
                let inputs = own.map(\.input)
                let results = Threads.inPlace {
                    wish == .vector ? model.vectors(inputs) : model.scores(inputs).map { [$0] }
                }
                for (text, result) in zip(own, results) { text.answers.set(text.index, result) }
            }
        }
    }

    /// What is computed together next; nil where nothing waits, and the thread ends.
    private func next() -> [WaitingText]? {
        state.withLock { state in
            let texts = state.queue.take(options.tokensAtOnce), tokens = texts.reduce(0) { $0 + $1.input.tokens.count }
            state.runs = !texts.isEmpty
            state.statistics.waiting -= tokens
            state.statistics.texts += texts.count
            state.statistics.tokens += tokens
            return texts.isEmpty ? nil : texts
        }
    }
}
