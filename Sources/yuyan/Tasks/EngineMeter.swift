import Foundation
import Inference
import Models
import Server
import Synchronization
import Tensors
import Text

/// What an engine is measured with.
struct EngineWork: Sendable {
    /// How many clients ask at once, a measurement for each; a client asks four times.
    let clients: [Int]
    /// Whether start, memory, idleness, a shared prompt and one sequence are measured too.
    let isFull: Bool
    let generate, repetitions: Int

    var isNothing: Bool { clients.isEmpty && !isFull }
}

/// Asks an engine what clients ask, and looks at the clock.
struct EngineMeter: Sendable {
    private let served: ServedModel, engine: Engine, cache: CacheShape, cacheTokens: Int
    private let size: RequestSize?, shared: RequestSize?

    /// The engine has seats and a cache for as many as will ask at once. It guesses nothing ahead, which texts without
    /// meaning would flatter or shame.
    init(_ served: ServedModel, _ cacheType: CacheType, _ work: EngineWork) {
        self.served = served
        size = RequestSize(prompt: 100, answer: 128, context: served.contextLength)
        shared = RequestSize(beginning: 1000, context: served.contextLength)
        let clients = work.clients.max() ?? 1
        let crowd = clients * ((size?.tokens ?? 0) + CacheShape.blockSize)
        let alone = max(shared?.tokens ?? 0, min(work.generate + 1, served.contextLength)) + 2 * CacheShape.blockSize
        cacheTokens = max(crowd, alone)
        var options = Engine.Options()
        (options.cacheType, options.cacheTokens, options.speculates) = (cacheType, cacheTokens, false)
        options.maxRunning = max(options.maxRunning, clients)
        engine = Engine(served, options: options)
        cache = served.model.cacheShape.kept(as: cacheType)
    }

    /// Measures it all; what the context has no room for is told in `leftOut`.
    func figures(_ work: EngineWork, _ opening: Opening, fileBytes: Int, leftOut: inout [String]) async throws
        -> EngineFigures
    {
        var figures = EngineFigures()
        guard let size else {
            leftOut.append("clients, start, memory and idleness: a context of \(served.contextLength) is too small")
            return figures
        }
        if work.isFull {
            figures.loadToFirstTokenMilliseconds = try await firstToken(since: opening.began)
            figures.idleProcessorPercent = try await Self.idlePercent()
        }
        for (round, clients) in work.clients.enumerated() {
            figures.clients.append(try await answers(to: clients, size, round: round))
        }
        guard work.isFull else { return figures }
        if let shared {
            figures.sharedPrompt = try await sharedPrompt(shared)
        } else {
            leftOut.append("a shared prompt: a context of \(served.contextLength) is too small")
        }
        let (loaded, now) = (opening.residentBytes, ProcessFigures.now.residentBytes)
        if loaded > 0 {
            figures.memory = .init(loaded: loaded, afterRun: now, cacheTokens: cacheTokens, file: fileBytes)
        } else {
            leftOut.append("memory: this system does not say")
        }
        figures.generation = try await generation(work)
        return figures
    }

    /// Waits until the engine's thread has ended.
    func close() async { await engine.shutdown() }
}

extension EngineMeter {
    private func firstToken(since opening: ContinuousClock.Instant) async throws -> Double {
        let words = served.tokenizer.encode("Name three birds.").prefix(served.contextLength / 2)
        let timing = try await ask(words.isEmpty ? text(0, 4) : Array(words), answer: 1)
        return (timing.begin + timing.first - opening).milliseconds
    }

    /// After a while in which threads that wait for more have gone to sleep.
    private static func idlePercent() async throws -> Double {
        try await Task.sleep(for: .milliseconds(300))
        let began = ContinuousClock.now, used = ProcessFigures.now.processorSeconds
        try await Task.sleep(for: .seconds(2))
        return (ProcessFigures.now.processorSeconds - used) / (ContinuousClock.now - began).seconds * 100
    }

    /// - Parameter round: each has texts of its own, or they would be found in the cache.
    private func answers(to clients: Int, _ size: RequestSize, round: Int) async throws -> EngineFigures.Clients {
        let requests = 4 * clients, queue = Queue(requests), began = ContinuousClock.now
        let timings = try await withThrowingTaskGroup(of: [Timing].self) { group in
            for _ in 0..<clients {
                group.addTask {
                    var own: [Timing] = []
                    while let number = queue.next() {
                        own.append(try await ask(text(round << 12 | number, size.prompt), answer: size.answer))
                    }
                    return own
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let tokens = timings.reduce(0) { $0 + $1.tokens }
        return .init(
            clients: clients,
            requests: requests,
            promptTokens: size.prompt,
            answerTokens: size.answer,
            outputTokensPerSecond: Double(tokens) / (ContinuousClock.now - began).seconds,
            firstTokenMilliseconds: .init(timings.map(\.first.milliseconds)),
            betweenTokensMilliseconds: .init(timings.flatMap(\.gaps).map(\.milliseconds))
        )
    }

    private func sharedPrompt(_ shared: RequestSize) async throws -> EngineFigures.SharedPrompt {
        let beginning = text(Self.sharedText, shared.prompt)
        var waits: [Double] = []
        for number in 0..<32 {
            let question = text(Self.sharedText + 1 + number, shared.answer - 1)
            waits.append(try await ask(beginning + question, answer: 1).first.milliseconds)
        }
        return .init(beginning.count, waits)
    }

    /// The engine's steps and the network's are of the same tokens: a prompt of one, then one at a time.
    private func generation(_ work: EngineWork) async throws -> EngineFigures.Generation {
        let tokens = min(work.generate, served.contextLength - 1)
        let meter = SpeedMeter(served.model, cache, Work(.generation, tokens))
        var samples: [Double] = [], network: [Double] = []
        for _ in 0..<work.repetitions {
            let timing = try await ask(text(0, 1), answer: tokens)
            samples.append(Double(timing.tokens) / timing.all.seconds)
            network += try await onThread { meter.speeds(1) }
        }
        return .init(tokens, samples, network: network)
    }

    /// The number of a text that no client sends.
    private static let sharedText = 50_021

    private func text(_ number: Int, _ count: Int) -> [Int] {
        MadeUpText.tokens(count, of: number, served.model.vocabulary)
    }

    /// Numbers of requests, each for whoever comes next.
    private final class Queue: Sendable {
        private let waiting: Mutex<Range<Int>>

        init(_ count: Int) { waiting = Mutex(0..<count) }

        func next() -> Int? { waiting.withLock { $0.popFirst() } }
    }

    private struct Timing: Sendable {
        let begin: ContinuousClock.Instant
        /// Until the first text, between one text and the next, until the end.
        let first: Duration, gaps: [Duration], all: Duration
        let tokens: Int
    }

    private func ask(_ prompt: [Int], answer: Int) async throws -> Timing {
        let request = GenerationRequest(prompt: prompt, sampling: .greedy, maxTokens: answer, ignoreEOS: true)
        let begin = ContinuousClock.now
        var shown: [ContinuousClock.Instant] = [], tokens = 0
        for try await event in try engine.generate(served.addressed(request)) {
            switch event {
            case .delta: shown.append(.now)
            case .finished(_, let usage): tokens = usage.completionTokens
            case .promptScores: break
            }
        }
        let end = ContinuousClock.now
        let gaps = zip(shown.dropFirst(), shown).map { $0 - $1 }
        return Timing(begin: begin, first: (shown.first ?? end) - begin, gaps: gaps, all: end - begin, tokens: tokens)
    }
}

/// Tokens of a request: as many as are wanted, or as the context holds.
package struct RequestSize: Sendable, Hashable {
    package let prompt, answer: Int
    package var tokens: Int { prompt + answer }

    /// Fewer of both in the same proportion where the context is small; nil where it holds next to nothing.
    package init?(prompt: Int, answer: Int, context: Int) {
        let share = min(1, Double(context) / Double(prompt + answer))
        (self.prompt, self.answer) = (Int(Double(prompt) * share), Int(Double(answer) * share))
        guard context >= 16 else { return nil }
    }

    /// A beginning that many requests share, then a question of their own and a token; nil where that would be short.
    package init?(beginning: Int, context: Int) {
        (prompt, answer) = (min(beginning, context - 25), 25)
        guard prompt >= 64 else { return nil }
    }
}
