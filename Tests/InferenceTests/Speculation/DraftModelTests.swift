import Inference
import Testing

/// A second network drafts: answers stay the same, whatever it thinks, and its cache is left clean.
@Suite(.timeLimit(.minutes(15))) struct DraftModelTests {
    /// How the small network's memory compares with the large one's, which looks back four tokens.
    enum Likeness: String, CaseIterable, CustomTestStringConvertible {
        case same, other

        var testDescription: String { rawValue }

        func runner(blocks: Int) -> any Runner {
            switch self {
            case .same: EchoRunner(blocks: blocks)
            case .other: HashRunner(vocabulary: 5, blocks: blocks)
            }
        }
    }

    static func model(_ likeness: Likeness, blocks: Int = 64, context: Int = 400) -> DraftModel {
        DraftModel(likeness.runner(blocks: blocks), vocabulary: 5, contextLength: context, price: 0.1)
    }

    static func engine(_ model: DraftModel, lookup: Bool = false) -> Engine {
        Engine(runner: EchoRunner(blocks: 64), voice: ExactnessTests.voice, contextLength: 400) {
            request,
            maxTokens,
            chance in
            let drafter = ModelDrafter(model, request, maxTokens: maxTokens, chance: chance)
            return lookup ? TwoDrafters(PromptLookup(request.prompt), drafter) : drafter
        }
    }

    /// The engine lets go of a request just after its last event.
    static func gaveAllBack(_ model: DraftModel) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        while model.blocksUsed > 0, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(1)) }
        return model.blocksUsed == 0
    }

    @Test(arguments: Likeness.allCases, [true, false])
    func answersStayTheSame(likeness: Likeness, lookup: Bool) async throws {
        let model = Self.model(likeness)
        let plain = ExactnessTests.engine(speculates: false), drafted = Self.engine(model, lookup: lookup)
        for (number, sampling) in ExactnessTests.samplings.enumerated() {
            for seed in number * 10..<number * 10 + 10 {
                let expected = try await plain.generate(ExactnessTests.request(sampling, seed: seed)).collect()
                let answer = try await drafted.generate(ExactnessTests.request(sampling, seed: seed)).collect()
                #expect(answer.tokens == expected.tokens && answer.text == expected.text, "\(sampling), \(seed)")
                #expect(answer.reason == expected.reason && answer.promptScores == expected.promptScores)
            }
        }
        #expect(drafted.statistics.draftedTokens > 0 && drafted.statistics.acceptedTokens > 0)
        #expect(await Self.gaveAllBack(model))
    }

    /// Drawn with the same numbers, the same network always says the same.
    @Test(arguments: [Sampling.greedy, Sampling(), Sampling(temperature: 0.6, topK: 3)])
    func whoThinksAlikeIsAlwaysRight(sampling: Sampling) async throws {
        let engine = Self.engine(Self.model(.same))
        var request = GenerationRequest(prompt: [0, 1, 2], sampling: sampling, maxTokens: 200, ignoreEOS: true)
        request.sampling.seed = 1
        let usage = try await engine.generate(request).collect().usage
        #expect(usage.draftedTokens == usage.acceptedTokens && usage.draftedTokens > 100)
        #expect(engine.statistics.steps < 100)
    }

    /// A long prompt is read in strides, and what one request has read the next need not.
    @Test func readingOnIsPartOfTheWork() async throws {
        let model = Self.model(.same), engine = Self.engine(model)
        let request = GenerationRequest(
            prompt: (0..<200).map { $0 % 3 },
            sampling: .greedy,
            maxTokens: 200,
            ignoreEOS: true
        )
        let first = try await engine.generate(request).collect().usage
        let second = try await engine.generate(request).collect().usage
        #expect(first.draftedTokens > 40 && second.draftedTokens > first.draftedTokens)
        #expect(await Self.gaveAllBack(model))
    }

    /// Where its cache or its context ends, the large network goes on alone.
    @Test(arguments: [(4, 400), (64, 60)]) func aSmallOneGivesUp(blocks: Int, context: Int) async throws {
        let model = Self.model(.same, blocks: blocks, context: context), engine = Self.engine(model)
        let plain = ExactnessTests.engine(speculates: false)
        var request = GenerationRequest(prompt: [1, 2], sampling: Sampling(), maxTokens: 200, ignoreEOS: true)
        request.sampling.seed = 3
        let expected = try await plain.generate(request).collect().text
        let answer = try await engine.generate(request).collect()
        #expect(answer.text == expected && answer.usage.draftedTokens > 0 && answer.usage.draftedTokens < 100)
        #expect(await Self.gaveAllBack(model))
    }

    /// Tokens that it does not know are never asked of it.
    @Test func aSmallVocabularyEndsIt() async throws {
        let model = DraftModel(EchoRunner(blocks: 64), vocabulary: 3, contextLength: 400, price: 0.1)
        let plain = ExactnessTests.engine(speculates: false), engine = Self.engine(model)
        let request = GenerationRequest(prompt: [1, 2], sampling: .greedy, maxTokens: 60, ignoreEOS: true)
        #expect(try await engine.generate(request).collect().text == plain.generate(request).collect().text)
    }
}
