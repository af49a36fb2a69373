import Checkpoints
import Inference
import Models
import Tensors
import Testing

/// DESIGN D3 with a real network: the same request gives the same tokens and log-probabilities, bit for bit, whatever goes on
/// around it.
@Suite(.timeLimit(.minutes(15))) struct InvarianceTests {
    static let settings: Settings = [
        "model_type": "llama", "vocab_size": 96, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "rms_norm_eps": 1e-5,
        "max_position_embeddings": 512, "tie_word_embeddings": true,
    ]

    struct Setting: Sendable, CustomTestStringConvertible {
        var name: String, change: @Sendable (inout Engine.Options) -> Void, crowd = 0
        var testDescription: String { name }
    }

    static let variations = [
        Setting(name: "small chunks") { $0.tokenBudget = 1 },
        Setting(name: "odd chunks") { ($0.tokenBudget, $0.maxRunning) = (37, 3) },
        Setting(name: "no reuse") { $0.reusesPrefixes = false },
        Setting(name: "in a crowd", change: { _ in }, crowd: 12),
        Setting(name: "crowd, few seats", change: { ($0.maxRunning, $0.tokenBudget) = (3, 50) }, crowd: 12),
        Setting(name: "crowd that preempts", change: { $0.cacheTokens = 224 }, crowd: 12),
        Setting(
            name: "crowd that preempts, no reuse",
            change: { ($0.cacheTokens, $0.reusesPrefixes) = (224, false) },
            crowd: 12
        ),
    ]

    /// - Parameter gate: opened when everybody is there.
    static func engine(
        gate: Gate = Gate(true),
        _ change: (inout Engine.Options) -> Void = { _ in },
        drafter: @escaping Engine.MakeDrafter = { request, _, _ in PromptLookup(request.prompt) }
    ) throws -> Engine {
        var options = Engine.Options()
        options.cacheTokens = 4096
        change(&options)
        let model = try Models.model(settings, Weights(RandomWeights(seed: 5)))
        let blocks = options.cacheBlocks(blockBytes: model.cacheShape.blockBytes, contextLength: 300)
        let runner = GatedRunner(network: ModelRunner(model, blocks: blocks, cacheType: options.cacheType), gate: gate)
        let voice = SpelledVoice(words: [])
        return Engine(runner: runner, voice: voice, contextLength: 300, options: options, drafter: drafter)
    }

    static func request(_ seed: Int) -> GenerationRequest {
        let shared = (0..<64).map { $0 * 5 % 96 }, own = (0..<seed % 4 * 15 + 3).map { ($0 * 7 + seed) % 96 }
        let sampling = Sampling(
            temperature: [1, 0, 0.8][seed % 3],
            topP: [1, 0.95][seed % 2],
            repetitionPenalty: [1, 1.2][seed / 2 % 2],
            seed: UInt64(seed)
        )
        return GenerationRequest(
            prompt: shared + own,
            sampling: sampling,
            maxTokens: 40,
            topLogprobs: 3,
            promptLogprobs: seed % 5 == 4,
            ignoreEOS: true
        )
    }

    static func alone(_ seed: Int, _ type: CacheType = .f16) async throws -> Generation.Answer {
        try await engine { ($0.speculates, $0.cacheType) = (false, type) }.generate(request(seed)).collect()
    }

    @Test(arguments: variations, CacheType.allCases)
    func nothingAroundChangesABit(variation: Setting, type: CacheType) async throws {
        let gate = Gate()
        let engine = try Self.engine(gate: gate) {
            variation.change(&$0)
            $0.cacheType = type
        }
        let seeds = variation.crowd == 0 ? [1, 4] : Array(1...variation.crowd)
        let generations = try seeds.map { try engine.generate(Self.request($0)) }
        gate.open()
        for (seed, generation) in zip(seeds, generations) {
            let answer = try await generation.collect(), expected = try await Self.alone(seed, type)
            #expect(answer.tokens.count == 40 && answer.tokens == expected.tokens, "request \(seed)")
            #expect(answer.promptScores == expected.promptScores)
        }
        if variation.name.contains("preempts") { #expect(engine.statistics.preemptions > 0) }
        if variation.name == "in a crowd" { #expect(engine.statistics.cachedTokens > 0) }
        #expect(engine.statistics.blocksUsed == 0)
    }

    /// What was cached by one request is used by the next, and changes nothing.
    @Test(arguments: CacheType.allCases) func reuseChangesNothing(type: CacheType) async throws {
        let engine = try Self.engine { $0.cacheType = type }
        let first = try await engine.generate(Self.request(1)).collect()
        let second = try await engine.generate(Self.request(1)).collect()
        #expect(first.tokens == second.tokens && first.usage.cachedTokens == 0 && second.usage.cachedTokens == 80)
    }

    @Test func bytesAreNotHalvesButCloseToThem() async throws {
        var scores: [CacheType: [Float]] = [:]
        for type in CacheType.allCases {
            let prompt = try await Self.alone(4, type).promptScores
            scores[type] = prompt.compactMap(\.logprob)
        }
        let differences = zip(scores[.f16]!, scores[.q8_0]!).map { abs($0 - $1) }
        let largest = try #require(differences.max())
        #expect(largest > 0 && largest < 0.02, "\(differences)")
    }
}

/// A real network that waits for a gate.
struct GatedRunner: Runner {
    let network: ModelRunner, gate: Gate

    var vocabulary: Int { network.vocabulary }
    var blocks: Int { network.blocks }

    func run(_ plan: Plan, _ body: (Logits) -> Void) {
        gate.pass()
        network.run(plan, body)
    }
}
