import Foundation
import Inference
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15))) struct EngineTests {
    func counting(_ options: Engine.Options = .init(), context: Int = 512) -> Engine {
        Engine(runner: CountingRunner(), voice: SpelledVoice.letters, contextLength: context, options: options)
    }

    @Test func countsLetters() async throws {
        let answer = try await counting().generate(
            GenerationRequest(prompt: [0, 1, 2], sampling: .greedy, maxTokens: 4, topLogprobs: 1)
        ).collect()
        #expect(answer.text == "defg" && answer.reason == .length)
        #expect(answer.tokens.map(\.id) == [3, 4, 5, 6] && answer.tokens.allSatisfy { $0.top.first?.id == $0.id })
        #expect(answer.usage.promptTokens == 3 && answer.usage.completionTokens == 4)
    }

    @Test func endsWhereTheModelEnds() async throws {
        let answer = try await counting().generate(.init(prompt: [24], sampling: .greedy)).collect()
        #expect(answer.text == "z" && answer.reason == .endOfText)
        #expect(answer.tokens.map(\.id) == [25, 26, 27, 28] && answer.usage.completionTokens == 5)
        let on = try await counting().generate(.init(prompt: [24], sampling: .greedy, maxTokens: 7, ignoreEOS: true))
            .collect()
        #expect(on.text == "zab" && on.reason == .length)
    }

    @Test func stopStringsCutTextAndTokensAtTheSamePlace() async throws {
        let answer = try await counting().generate(
            .init(prompt: [0], sampling: .greedy, stop: ["xx", "efg", "fz"], topLogprobs: 0)
        ).collect()
        #expect(answer.text == "bcd" && answer.tokens.map(\.id) == [1, 2, 3] && answer.reason == .stopString("efg"))
        let first = try await counting().generate(.init(prompt: [0], sampling: .greedy, stop: ["b"])).collect()
        #expect(first.text.isEmpty && first.tokens.isEmpty && first.usage.completionTokens == 1)
        let never = try await counting().generate(.init(prompt: [0], sampling: .greedy, stop: ["dez"], maxTokens: 4))
            .collect()
        #expect(never.text == "bcde" && never.tokens.count == 4 && never.reason == .length)
    }

    @Test func aTokenCutInTwoBelongsToWhatIsShown() async throws {
        let voice = SpelledVoice(words: ["", "ab", "cd", "ef"], endOfGeneration: [])
        let engine = Engine(runner: CountingRunner(), voice: voice, contextLength: 64)
        let answer = try await engine.generate(.init(prompt: [0], sampling: .greedy, stop: ["de"])).collect()
        #expect(answer.text == "abc" && answer.tokens.map(\.id) == [1, 2])
    }

    @Test func refusalsNameTheNumbers() throws {
        let engine = counting(context: 100)
        func refusal(_ request: GenerationRequest) -> EngineError? {
            do throws(EngineError) { _ = try engine.generate(request) } catch { return error }
            return nil
        }
        #expect(refusal(.init(prompt: [])) == .emptyPrompt)
        #expect(refusal(.init(prompt: [1, 30])) == .unknownToken(id: 30, vocabulary: 30))
        #expect(refusal(.init(prompt: [-1])) == .unknownToken(id: -1, vocabulary: 30))
        let long = Array(repeating: 1, count: 99)
        #expect(refusal(.init(prompt: long, maxTokens: 2)) == .promptTooLong(tokens: 99, maxTokens: 2, limit: 100))
        #expect(refusal(.init(prompt: long + [1])) == .promptTooLong(tokens: 100, maxTokens: 1, limit: 100))
        #expect(
            refusal(.init(prompt: long, maxTokens: .max)) == .promptTooLong(tokens: 99, maxTokens: .max, limit: 100)
        )
        #expect(refusal(.init(prompt: long, maxTokens: 1)) == nil)
        #expect(
            refusal(.init(prompt: [1], sampling: .init(logitBias: [77: 1]))) == .unknownToken(id: 77, vocabulary: 30)
        )
        for bad in [
            Sampling(temperature: -1), Sampling(temperature: .nan), Sampling(topP: 1.1), Sampling(minP: -0.1),
            Sampling(topK: -1), Sampling(repetitionPenalty: 0), Sampling(presencePenalty: .infinity),
        ] { #expect(refusal(.init(prompt: [1], sampling: bad)) != nil, "\(bad)") }
        #expect(refusal(.init(prompt: [1], stop: [""])) != nil && refusal(.init(prompt: [1], maxTokens: -1)) != nil)
        #expect(refusal(.init(prompt: [1], topLogprobs: 31)) != nil)
        #expect(engine.statistics.rejectedInvalid == 17)
    }

    @Test func aFullQueueSaysWhenToComeBack() async throws {
        let gate = Gate()
        var options = Engine.Options()
        (options.maxQueued, options.maxRunning) = (2, 1)
        let engine = Engine(
            runner: HashRunner { _ in gate.pass() },
            voice: SpelledVoice.letters,
            contextLength: 64,
            options: options
        )
        // All at once: that the seat is free is known although the engine's thread has not looked yet.
        let accepted = try (0..<3).map { _ in
            try engine.generate(.init(prompt: [1], maxTokens: 3, ignoreEOS: true))
        }
        #expect(throws: EngineError.full(retryAfter: .seconds(1))) { try engine.generate(.init(prompt: [1])) }
        var patient = GenerationRequest(prompt: [1])
        patient.isRetried = true
        #expect(throws: EngineError.full(retryAfter: .seconds(1))) { try engine.generate(patient) }
        gate.open()
        for generation in accepted { #expect(try await generation.collect().usage.completionTokens == 3) }
        #expect(engine.statistics.rejectedFull == 1 && engine.statistics.finished == 3)
        let last = try engine.generate(.init(prompt: [1], maxTokens: 2, ignoreEOS: true))
        #expect(try await last.collect().usage.completionTokens == 2)
    }

    @Test func aSlowConsumerGetsEverythingInOneDelta() async throws {
        let engine = counting()
        let generation = try engine.generate(.init(prompt: [0], sampling: .greedy, maxTokens: 20))
        while engine.statistics.finished == 0 { await Task.yield() }
        var events: [GenerationEvent] = []
        for try await event in generation { events.append(event) }
        #expect(events.count == 2)
        guard case .delta(let text, let tokens)? = events.first else { return #expect(Bool(false), "\(events)") }
        #expect(text == "bcdefghijklmnopqrstu" && tokens.count == 20)
    }

    @Test func promptScoresCoverEveryToken() async throws {
        var options = Engine.Options()
        options.scoreBytes = 50 * 4 * 7  // seven rows a step
        let engine = Engine(runner: HashRunner(), voice: SpelledVoice.letters, contextLength: 200, options: options)
        let prompt = (0..<100).map { $0 * 7 % 50 }
        for maxTokens in [0, 1] {
            let answer = try await engine.generate(
                .init(prompt: prompt, sampling: .greedy, maxTokens: maxTokens, topLogprobs: 2, promptLogprobs: true)
            ).collect()
            try #require(answer.promptScores.map(\.id) == prompt)
            #expect(answer.promptScores[0].logprob == nil)
            for position in 1..<prompt.count {
                let logits = HashRunner.logits(after: prompt[..<position].map(Int32.init), 50)
                let score = logits.withUnsafeBufferPointer { TokenScore(prompt[position], in: $0, top: 2) }
                #expect(answer.promptScores[position] == score)
            }
            #expect(answer.usage.completionTokens == maxTokens)
        }
    }

    @Test func nothingToGenerateIsAnAnswerToo() async throws {
        let answer = try await counting().generate(.init(prompt: [1], maxTokens: 0)).collect()
        #expect(answer.text.isEmpty && answer.reason == .length)
    }

    @Test func badLogitsFailTheirRequestOnly() async throws {
        let runner = CountingRunner(odd: { $0 == 5 ? .nan : nil })
        let engine = Engine(runner: runner, voice: SpelledVoice.letters, contextLength: 64)
        let bad = try engine.generate(.init(prompt: [2], sampling: .greedy, maxTokens: 10))
        let good = try engine.generate(.init(prompt: [6], sampling: .greedy, maxTokens: 10))
        #expect(try await good.collect().text == "hijklmnopq")
        await #expect(throws: EngineError.badLogits(position: 3)) { try await bad.collect() }
        #expect(engine.statistics.failed == 1 && engine.statistics.blocksUsed == 0)
    }

    @Test func aFailedPassFailsWhoWasInItAndTheEngineGoesOn() async throws {
        struct Burst: Error {}
        let runner = HashRunner { plan in if plan.tokens.contains(13) { throw Burst() } }
        let engine = Engine(runner: runner, voice: SpelledVoice.letters, contextLength: 64)
        let bad = try engine.generate(.init(prompt: [13], maxTokens: 3))
        await #expect(throws: EngineError.modelFailed("Burst()")) { try await bad.collect() }
        let good = try engine.generate(.init(prompt: [2], maxTokens: 1))
        #expect(try await good.collect().usage.completionTokens == 1)
    }
}

/// Holds the engine's thread until opened.
final class Gate: Sendable {
    private let isOpen: Mutex<Bool>

    init(_ isOpen: Bool = false) { self.isOpen = Mutex(isOpen) }

    func open() { isOpen.withLock { $0 = true } }
    func pass() { while !isOpen.withLock({ $0 }) { usleep(100) } }
}
