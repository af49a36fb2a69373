import Checkpoints
import Inference
import Models
import Tensors
import Testing

/// A network that keeps states: what the engine does for speed with keys and values is off, and answers are the same bits.
@Suite(.timeLimit(.minutes(15))) struct RecurrentTests {
    private static let settings: Settings = [
        "model_type": "mamba2", "vocab_size": 96, "hidden_size": 32, "num_hidden_layers": 2, "num_heads": 4,
        "head_dim": 16, "n_groups": 2, "state_size": 16, "conv_kernel": 4, "tie_word_embeddings": true,
    ]

    private static func engine(_ change: (inout Engine.Options) -> Void) throws -> Engine {
        var options = Engine.Options()
        change(&options)
        let model = try Models.model(settings, Weights(RandomWeights(seed: 5)))
        return Engine(model, voice: SpelledVoice(words: []), contextLength: 300, options: options)
    }

    @Test(arguments: [(1, 32, nil), (37, 3, nil), (512, 32, nil), (50, 12, 224)] as [(Int, Int, Int?)])
    func nothingAroundChangesABit(budget: Int, seats: Int, cacheTokens: Int?) async throws {
        let engine = try Self.engine {
            ($0.tokenBudget, $0.maxRunning, $0.cacheTokens) = (budget, seats, cacheTokens)
        }
        let generations = try (1...12).map { try engine.generate(InvarianceTests.request($0)) }
        for (index, generation) in generations.enumerated() {
            let answer = try await generation.collect()
            let alone = try await Self.engine { _ in }.generate(InvarianceTests.request(index + 1)).collect()
            #expect(answer.tokens.count == 40 && answer.tokens == alone.tokens)
            #expect(answer.promptScores == alone.promptScores)
        }
        await engine.shutdown(grace: .zero)
    }

    /// The second request begins as the first did, and is computed whole: its state is its own.
    @Test func nothingIsReusedAndNothingGuessed() async throws {
        let engine = try Self.engine { _ in }
        for _ in 0..<2 { _ = try await engine.generate(InvarianceTests.request(3)).collect() }
        let statistics = engine.statistics
        #expect(statistics.cachedTokens == 0 && statistics.draftedTokens == 0)
    }

    @Test func seatsAreThoseThatThereIsMemoryFor() {
        let shape = CacheShape(stateLayers: 4, stateSize: 1000)
        #expect(Engine.Options().fitted(to: shape, memory: 4 * 16_000 * 5).maxRunning == 5)
        #expect(Engine.Options().fitted(to: shape, memory: 10).maxRunning == 1)
        let attending = Engine.Options().fitted(to: CacheShape(layers: 4, kvHeads: 1, headWidth: 16), memory: 10)
        #expect(attending.maxRunning == 32 && attending.speculates && attending.reusesPrefixes)
    }
}
