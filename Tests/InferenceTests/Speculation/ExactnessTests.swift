import Foundation
import Inference
import Testing

/// With and without guesses, every answer is the same: tokens, log-probabilities, text and how it ended.
@Suite(.timeLimit(.minutes(15))) struct ExactnessTests {
    /// Four letters and an end, in texts that repeat themselves: plenty to guess, plenty to guess wrong.
    static let voice = SpelledVoice(words: ["a", "b", "c", "d"], endOfGeneration: [4])

    static func engine(speculates: Bool, blocks: Int = 64) -> Engine {
        var options = Engine.Options()
        options.speculates = speculates
        return Engine(runner: EchoRunner(blocks: blocks), voice: voice, contextLength: 400, options: options)
    }

    static let samplings: [Sampling] = [
        .greedy, Sampling(), Sampling(temperature: 0.4), Sampling(temperature: 1.5), Sampling(topK: 2),
        Sampling(topP: 0.7), Sampling(temperature: 0.8, topK: 3, topP: 0.9, minP: 0.05),
        Sampling(temperature: 0, repetitionPenalty: 1.3), Sampling(presencePenalty: 0.5, frequencyPenalty: 0.2),
        Sampling(temperature: 0.7, repetitionPenalty: 1.1, logitBias: [1: 0.5]),
    ]

    static func request(_ sampling: Sampling, seed: Int) -> GenerationRequest {
        var sampling = sampling
        sampling.seed = UInt64(seed)
        var request = GenerationRequest(prompt: (0..<40).map { ($0 * $0 / 3 + seed) % 4 }, sampling: sampling)
        request.maxTokens = [1, 2, 3, 17, 90, 200][seed % 6]
        request.ignoreEOS = seed % 3 == 1
        request.stop = [[], ["abca"], ["dd", "cab"], ["aaaaaaaa"]][seed % 4]
        request.topLogprobs = [nil, 0, 3][seed % 3]
        request.promptLogprobs = seed % 7 == 0
        return request
    }

    @Test(arguments: samplings) func answersStayTheSame(sampling: Sampling) async throws {
        let plain = Self.engine(speculates: false), speculative = Self.engine(speculates: true)
        for seed in 0..<42 {
            let expected = try await plain.generate(Self.request(sampling, seed: seed)).collect()
            let answer = try await speculative.generate(Self.request(sampling, seed: seed)).collect()
            #expect(answer.tokens == expected.tokens && answer.promptScores == expected.promptScores)
            #expect(answer.text == expected.text && answer.reason == expected.reason, "seed \(seed)")
            #expect(answer.usage.completionTokens == expected.usage.completionTokens)
            #expect(answer.usage.acceptedTokens < max(1, answer.usage.completionTokens))
        }
        let statistics = speculative.statistics
        #expect(statistics.acceptedTokens > 0 && statistics.acceptedTokens < statistics.draftedTokens)
        #expect(statistics.steps < plain.statistics.steps)
        #expect(plain.statistics.draftedTokens == 0 && statistics.blocksUsed == 0)
    }

    /// Whatever a client predicts: the right answer, half of it, or something else.
    @Test(arguments: samplings) func aPredictionChangesNoAnswer(sampling: Sampling) async throws {
        let plain = Self.engine(speculates: false), speculative = Self.engine(speculates: true)
        for seed in 0..<24 {
            let expected = try await plain.generate(Self.request(sampling, seed: seed)).collect()
            let said = expected.tokens.map(\.id)
            var request = Self.request(sampling, seed: seed)
            request.prediction = [said, Array(said.prefix(said.count / 2)), said.map { 3 - min($0, 3) }][seed % 3]
            let answer = try await speculative.generate(request).collect()
            #expect(
                answer.tokens == expected.tokens && answer.text == expected.text && answer.reason == expected.reason
            )
        }
        #expect(speculative.statistics.acceptedTokens > 0)
    }

    /// Draws follow the model's probabilities, whatever is guessed.
    @Test(arguments: [0, 1, 7], [Sampling(), Sampling(temperature: 0.7), Sampling(topK: 4)])
    func drawsFollowTheDistribution(guess: Int, sampling: Sampling) async throws {
        let logits: [Float] = [2, 1.5, 1, 0.5, 0, -0.5, -1, -1.5]
        let engine = Engine(runner: SteadyRunner(row: logits), voice: Self.voice, contextLength: 400) { _, _, _ in
            Seer(Array(repeating: guess, count: 300), length: 4)
        }
        var counts = [Double](repeating: 0, count: 8)
        for seed in 0..<40 {
            var request = GenerationRequest(prompt: [0], sampling: sampling, maxTokens: 250, ignoreEOS: true)
            request.sampling.seed = UInt64(seed)
            request.topLogprobs = 0
            for token in try await engine.generate(request).collect().tokens { counts[token.id] += 1 }
        }
        let kept = sampling.topK == 0 ? 8 : sampling.topK
        let weights = logits.prefix(kept).map { exp(Double($0) / Double(sampling.temperature)) }
        let expected = weights.map { $0 / weights.reduce(0, +) * 10_000 }
        let squares = zip(counts, expected).map { ($0 - $1) * ($0 - $1) / $1 }
        #expect(squares.reduce(0, +) < 26, "chi-square of \(counts)")  // p = 0.0005 with 7 degrees of freedom
        #expect(counts.reduce(0, +) == 10_000 && counts.dropFirst(kept).allSatisfy { $0 == 0 })
        #expect(engine.statistics.draftedTokens > 0)
    }

    /// The place where the model breaks down is the same, and what came before is shown.
    @Test(arguments: 1...6) func badLogitsInADraftFailWhereTheyWould(length: Int) async throws {
        let runner = CountingRunner(odd: { $0 == 9 ? .nan : nil })
        let engine = Engine(runner: runner, voice: SpelledVoice.letters, contextLength: 64) { _, _, _ in
            Seer(Array(3...20), length: length)
        }
        let generation = try engine.generate(.init(prompt: [2], sampling: .greedy, maxTokens: 20))
        var text = ""
        await #expect(throws: EngineError.badLogits(position: 7)) {
            for try await case .delta(let more, _) in generation { text += more }
        }
        #expect(text == "defghij" && engine.statistics.blocksUsed == 0)
    }

    /// An end in mid-draft hides what follows, bad logits included.
    @Test(arguments: [1, 3, 15]) func anEndInADraftIsTheEnd(length: Int) async throws {
        let voice = SpelledVoice(words: SpelledVoice.letters.words, endOfGeneration: [9])
        let runner = CountingRunner(odd: { $0 == 9 ? .nan : nil })
        let engine = Engine(runner: runner, voice: voice, contextLength: 64) { _, _, _ in
            Seer(Array(3...20), length: length)
        }
        let answer = try await engine.generate(.init(prompt: [2], sampling: .greedy)).collect()
        #expect(answer.text == "defghi" && answer.reason == .endOfText && answer.usage.completionTokens == 7)
        let cut = try await engine.generate(.init(prompt: [2], sampling: .greedy, stop: ["fg"])).collect()
        #expect(cut.text == "de" && cut.reason == .stopString("fg") && cut.usage.completionTokens == 4)
        let short = try await engine.generate(.init(prompt: [2], sampling: .greedy, maxTokens: 3)).collect()
        #expect(short.text == "def" && short.reason == .length && engine.statistics.failed == 0)
    }
}
