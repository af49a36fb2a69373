import Foundation
import Synchronization
import Tensors
import Text

/// Makes vectors and scores for many at a time: what waits is computed together, texts of any lengths side by side.
///
/// It has a thread of its own while there is work. Requests are bounded at the door; a result never depends on what else is computed.
public final class VectorEngine: Sendable {
    public let model: VectorModel
    private let options: Options
    private let state = Mutex(State())

    public struct Options: Sendable {
        /// Tokens computed in one step, unless a single text has more.
        public var tokensAtOnce = 4096
        /// Tokens that may wait.
        public var mostWaiting = 1 << 20

        public init() {}
    }

    /// What an engine has done so far.
    public struct Statistics: Sendable, Hashable {
        public var texts = 0, tokens = 0, waiting = 0
    }

    private struct State {
        var jobs: [Job] = []
        var statistics = Statistics()
        var runs = false
    }

    /// A text that waits for its numbers.
    private struct Job {
        enum Wish { case vector, score }
        let input: VectorInput, wish: Wish
        let answer: @Sendable ([Float]) -> Void
    }

    public init(_ model: VectorModel, options: Options = Options()) { (self.model, self.options) = (model, options) }

    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// A vector for each text.
    ///
    /// - Throws: ``EngineError`` for texts that do not fit, or too many.
    public func vectors(_ inputs: [VectorInput]) async throws(EngineError) -> [[Float]] {
        try await run(inputs, .vector)
    }

    /// A score for each text or pair of texts.
    ///
    /// - Throws: ``EngineError`` for texts that do not fit, or too many.
    public func scores(_ inputs: [VectorInput]) async throws(EngineError) -> [Float] {
        guard model.ranks else { throw .invalid("\(model.name) makes vectors and has no head that scores") }
        return try await run(inputs, .score).map { $0[0] }
    }

    private func run(_ inputs: [VectorInput], _ wish: Job.Wish) async throws(EngineError) -> [[Float]] {
        try check(inputs)
        guard !inputs.isEmpty else { return [] }
        let tokens = inputs.reduce(0) { $0 + $1.tokens.count }
        let isFull = state.withLock { state in
            guard state.statistics.waiting == 0 || state.statistics.waiting + tokens <= options.mostWaiting else {
                return true
            }
            state.statistics.waiting += tokens
            return false
        }
        guard !isFull else { throw .full(retryAfter: .seconds(1)) }
        return await withCheckedContinuation { continuation in
            let answers = Answers(inputs.count) { continuation.resume(returning: $0) }
            add(inputs.enumerated().map { index, input in Job(input: input, wish: wish) { answers.set(index, $0) } })
        }
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

    private func add(_ jobs: [Job]) {
        let starts = state.withLock { state in
            state.jobs += jobs
            defer { state.runs = true }
            return !state.runs
        }
        if starts { Thread.detachNewThread { self.work() } }
    }

    private func work() {
        while let jobs = next() {
            for wish in [Job.Wish.vector, .score] {
                let own = jobs.filter { $0.wish == wish }
                guard !own.isEmpty else { continue }
                let inputs = own.map(\.input)
                let results = Threads.inPlace {
                    wish == .vector ? model.vectors(inputs) : model.scores(inputs).map { [$0] }
                }
                for (job, result) in zip(own, results) { job.answer(result) }
            }
        }
    }

    /// What is computed together next; nil where nothing waits, and the thread ends.
    private func next() -> [Job]? {
        state.withLock { state in
            var tokens = 0, count = 0
            for job in state.jobs {
                guard count == 0 || tokens + job.input.tokens.count <= options.tokensAtOnce else { break }
                tokens += job.input.tokens.count
                count += 1
            }
            guard count > 0 else {
                state.runs = false
                return nil
            }
            let jobs = Array(state.jobs.prefix(count))
            state.jobs.removeFirst(count)
            state.statistics.waiting -= tokens
            state.statistics.texts += count
            state.statistics.tokens += tokens
            return jobs
        }
    }
}

/// Collects the answers to one request's texts, and calls once all are there.
private final class Answers: Sendable {
    private let state: Mutex<(values: [[Float]], left: Int)>
    private let done: @Sendable ([[Float]]) -> Void

    init(_ count: Int, _ done: @escaping @Sendable ([[Float]]) -> Void) {
        state = Mutex((Array(repeating: [], count: count), count))
        self.done = done
    }

    func set(_ index: Int, _ values: [Float]) {
        let whole = state.withLock { state -> [[Float]]? in
            state.values[index] = values
            state.left -= 1
            return state.left == 0 ? state.values : nil
        }
        if let whole { done(whole) }
    }
}
