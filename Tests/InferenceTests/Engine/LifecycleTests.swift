import Foundation
import Inference
import Testing
import Text

/// Hanging up, shutting down, and a crowd that does all of it.
@Suite(.timeLimit(.minutes(15))) struct LifecycleTests {
    func engine(_ runner: HashRunner = HashRunner(), _ options: Engine.Options = .init()) -> Engine {
        Engine(runner: runner, voice: SpelledVoice.letters, contextLength: 1000, options: options)
    }

    func settled(_ engine: Engine) async -> EngineStatistics {
        while engine.statistics.running + engine.statistics.waiting > 0 { await Task.yield() }
        return engine.statistics
    }

    /// A model that takes its time: minutes for all that the context holds, unless somebody cancels.
    static let slow = HashRunner { _ in usleep(200_000) }

    @Test func cancelEndsWithWhatWasUsed() async throws {
        let engine = engine(Self.slow)
        let generation = try engine.generate(.init(prompt: [1, 2, 3], ignoreEOS: true))
        var seen = 0, last: GenerationEvent?
        for try await event in generation {
            seen += 1
            if seen == 2 { generation.cancel() }
            last = event
        }
        guard case .finished(.cancelled, let usage) = last else {
            return #expect(Bool(false), "\(String(describing: last))")
        }
        #expect(usage.promptTokens == 3 && usage.completionTokens > 0)
        #expect(await settled(engine).blocksUsed == 0)
    }

    @Test func theCacheIsKnownBeforeAnybodyCame() {
        let statistics = Engine(runner: CountingRunner(), voice: SpelledVoice.letters, contextLength: 64).statistics
        #expect(statistics.blocksTotal == 64 && statistics.blocksFree == 64)
    }

    /// The bytes of a character are no text before the last of them, and none if that never comes.
    @Test(arguments: [(1, "a"), (2, "a"), (3, "a"), (4, "a€"), (5, "a€b")])
    func noHalfOfACharacterIsShown(count: Int, expected: String) async throws {
        let tokens = ["<unk>", "a", "<0xE2>", "<0x82>", "<0xAC>", "b"]
        let specification = TokenizerSpecification(
            kind: .sentencePieceBPE(.init()),
            tokens: tokens,
            kinds: [.unknown, .normal, .byte, .byte, .byte, .normal],
            scores: tokens.map { _ in 0 }
        )
        let runner = CountingRunner(vocabulary: tokens.count)
        let engine = Engine(runner: runner, voice: try Tokenizer(specification), contextLength: 64)
        let request = GenerationRequest(prompt: [0], sampling: .greedy, maxTokens: count)
        #expect(try await engine.generate(request).collect().text == expected)
    }

    @Test func leavingTheLoopCancels() async throws {
        let engine = engine(Self.slow)
        for try await _ in try engine.generate(.init(prompt: [1], ignoreEOS: true)) { break }
        let statistics = await settled(engine)
        #expect(statistics.cancelled == 1 && statistics.blocksUsed == 0)
    }

    @Test func cancellingTheReaderCancels() async throws {
        let engine = engine(Self.slow)
        let generation = try engine.generate(.init(prompt: [1], ignoreEOS: true))
        let reader = Task { try await generation.collect() }
        while engine.statistics.generatedTokens == 0 { await Task.yield() }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        #expect(await settled(engine).cancelled == 1)
    }

    @Test func aQueuedRequestCanBeCancelled() async throws {
        var options = Engine.Options()
        options.maxRunning = 1
        let engine = engine(HashRunner(), options)
        let first = try engine.generate(.init(prompt: [1], ignoreEOS: true))
        let second = try engine.generate(.init(prompt: [2], ignoreEOS: true))
        second.cancel()
        #expect(try await second.collect().reason == .cancelled)
        first.cancel()
        #expect(await settled(engine).waiting == 0)
    }

    @Test func shutdownFinishesWhatRunsAndRefusesTheRest() async throws {
        let engine = engine()
        let generation = try engine.generate(.init(prompt: [1], maxTokens: 300, ignoreEOS: true))
        async let over: Void = engine.shutdown(grace: .seconds(30))
        #expect(try await generation.collect().usage.completionTokens == 300)
        await over
        #expect(throws: EngineError.shuttingDown) { try engine.generate(.init(prompt: [1])) }
        await engine.shutdown()
    }

    @Test func graceHasAnEnd() async throws {
        let gate = Gate()
        let runner = HashRunner { _ in
            gate.pass()
            usleep(20_000)
        }
        let engine = engine(runner), generation = try engine.generate(.init(prompt: [1], ignoreEOS: true))
        async let over: Void = engine.shutdown(grace: .milliseconds(10))
        try await Task.sleep(for: .milliseconds(20))
        gate.open()
        #expect(try await generation.collect().reason == .cancelled)
        await over
    }

    @Test func aGenerationKeepsItsEngineAlive() async throws {
        let answer = try await engine().generate(.init(prompt: [1], maxTokens: 50, ignoreEOS: true)).collect()
        #expect(answer.usage.completionTokens == 50)
    }

    /// Many at once, a third hang up at random, the cache far too small for all: every answer is right, no block is lost.
    @Test func aCrowd() async throws {
        var options = Engine.Options()
        (options.maxRunning, options.tokenBudget, options.maxQueued) = (8, 48, 1000)
        let engine = engine(HashRunner(blocks: 70), options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0..<300 { group.addTask { try await client(seed, engine) } }
            try await group.waitForAll()
        }
        let statistics = await settled(engine)
        #expect(statistics.blocksUsed == 0 && statistics.accepted == 300)
        #expect(statistics.finished + statistics.cancelled == 300 && statistics.cachedTokens > 0)
    }

    func client(_ seed: Int, _ engine: Engine) async throws {
        var random = Lottery(seed: UInt64(seed + 1))
        let shared = Array(repeating: seed % 5, count: Int.random(in: 1...200, using: &random))
        var request = GenerationRequest(
            prompt: shared + [seed % 50],
            sampling: .init(seed: UInt64(seed)),
            ignoreEOS: true
        )
        request.sampling.temperature = [0, 0.5, 1, 2][seed % 4]
        request.sampling.topK = [0, 5][seed % 2]
        request.sampling.repetitionPenalty = [1, 1.1][seed / 2 % 2]
        request.maxTokens = Int.random(in: 1...80, using: &random)
        let hangUp = seed % 3 == 0 ? Int.random(in: 0...20, using: &random) : .max
        var tokens: [Int] = []
        for try await event in try engine.generate(request) {
            if case .delta(_, let new) = event { tokens += new.map(\.id) }
            if tokens.count > hangUp { break }
        }
        #expect(tokens == Array(HashRunner.answer(to: request, count: tokens.count)))
        if hangUp == .max { #expect(tokens.count == request.maxTokens) }
    }
}
