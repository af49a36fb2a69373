import Inference
import Testing

/// Guesses among many requests, with hang-ups, shared beginnings and too few blocks: the paged cache stays right.
@Suite(.timeLimit(.minutes(15))) struct SpeculativeCrowdTests {
    @Test(arguments: Insight.allCases) func everyAnswerIsRight(insight: Insight) async throws {
        var options = Engine.Options()
        (options.maxRunning, options.tokenBudget, options.maxQueued) = (8, 90, 1000)
        let voice = SpelledVoice.letters
        let engine = Engine(runner: HashRunner(blocks: 40), voice: voice, contextLength: 900, options: options) {
            request,
            count,
            _ in
            insight.seer(HashRunner.answer(to: request, count: count), seed: request.prompt.last!)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0..<150 { group.addTask { try await client(seed, engine) } }
            try await group.waitForAll()
        }
        while engine.statistics.running + engine.statistics.waiting > 0 { await Task.yield() }
        let statistics = engine.statistics
        #expect(statistics.blocksUsed == 0 && statistics.finished + statistics.cancelled == 150)
        #expect(statistics.preemptions > 0 && statistics.cachedTokens > 0 && statistics.draftedTokens > 0)
        #expect((statistics.acceptedTokens == 0) == (insight == .none))
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
        request.sampling.repetitionPenalty = [1, 1.1][seed / 2 % 2]
        request.maxTokens = Int.random(in: 1...80, using: &random)
        let hangUp = seed % 3 == 0 ? Int.random(in: 0...20, using: &random) : .max
        var tokens: [Int] = []
        for try await event in try engine.generate(request) {
            if case .delta(_, let new) = event { tokens += new.map(\.id) }
            if tokens.count > hangUp { break }
        }
        #expect(tokens == HashRunner.answer(to: request, count: tokens.count))
        if hangUp == .max { #expect(tokens.count == request.maxTokens) }
    }

    /// DESIGN D3 with a real network: rows that are checked together give the same bits as one after the other.
    @Test(arguments: Insight.allCases, [1, 6])
    func aRealNetworkAgreesWithItself(insight: Insight, crowd: Int) async throws {
        let seeds = Array(1...crowd)
        var expected: [Int: Generation.Answer] = [:]
        for seed in seeds { expected[seed] = try await InvarianceTests.alone(seed) }
        let known = expected.mapValues { $0.tokens.map(\.id) }
        let engine = try InvarianceTests.engine {
            $0.cacheTokens = crowd == 1 ? 4096 : 480
        } drafter: { request, _, _ in
            let seed = Int(request.sampling.seed ?? 0)
            return insight.seer(known[seed] ?? [], seed: seed)
        }
        let generations = try seeds.map { try engine.generate(InvarianceTests.request($0)) }
        for (seed, generation) in zip(seeds, generations) {
            let answer = try await generation.collect()
            #expect(answer.tokens == expected[seed]!.tokens, "request \(seed)")
            #expect(answer.promptScores == expected[seed]!.promptScores)
        }
        #expect((engine.statistics.acceptedTokens == 0) == (insight == .none))
        #expect(engine.statistics.draftedTokens > 0 && engine.statistics.blocksUsed == 0)
    }
}
