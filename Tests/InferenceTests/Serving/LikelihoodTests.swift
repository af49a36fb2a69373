import Bundles
import Checkpoints
import Foundation
import Inference
import Models
import Tensors
import TestSupport
import Testing

@Suite struct LikelihoodTests {
    private static func network() throws -> any LanguageModel {
        try Models.model(InvarianceTests.settings, Weights(RandomWeights(seed: 5)))
    }

    /// What the tokens from `first` on cost in a text of which they see `text[..<first]` and each other.
    private static func cost(_ text: [Int], from first: Int, _ model: any LanguageModel) -> Double {
        let logits = model(Batch(tokens: text.map(Int32.init), for: model.cacheShape)).scalars, width = model.vocabulary
        return (max(1, first)..<text.count).reduce(0) { sum, place in
            let row = logits[(place - 1) * width..<place * width].map(Double.init)
            return sum + log(row.reduce(0) { $0 + exp($1) }) - row[text[place]]
        }
    }

    @Test(arguments: [1, 7, 64, 4096])
    func documentsAreScoredByThemselves(rows: Int) throws {
        let model = try Self.network()
        let documents = [2, 9, 1, 17, 5].map { count in (0..<count).map { ($0 * 31 + count) % 96 } }
        let found = try likelihood(of: documents.map { ScoredDocument($0) }, model, context: 32, rows: rows)
        let expected = documents.reduce(0) { $0 + Self.cost($1, from: 1, model) }
        #expect(found.documents == 5)
        #expect(found.tokens == documents.reduce(0) { $0 + $1.count - 1 })
        #expect(abs(found.nats - expected) < 1e-3)
        #expect(abs(found.bits - expected / log(2)) < 2e-3)
        #expect(abs(found.perplexity - exp(expected / Double(found.tokens))) < 1e-3)
    }

    /// Windows of eight, each half a window on: every token once, with at least four before it.
    @Test func aLongDocumentIsReadInWindows() throws {
        let model = try Self.network(), text = (0..<19).map { $0 * 29 % 96 }
        let found = try likelihood(of: [ScoredDocument(text)], model, context: 8)
        let windows = [(0..<9, 1), (4..<13, 5), (8..<17, 5), (10..<19, 7)]
        let expected = windows.reduce(0) { $0 + Self.cost(Array(text[$1.0]), from: $1.1, model) }
        #expect(found.tokens == 18)
        #expect(abs(found.nats - expected) < 1e-3)
    }

    @Test func onlyWhatIsAskedForIsScored() throws {
        let model = try Self.network(), text = [5, 17, 40, 3, 77, 12]
        let document = ScoredDocument(text, isScored: [true, false, false, true, true, false])
        let found = try likelihood(of: [document], model, context: 32)
        #expect(found.tokens == 2)
        let expected = Self.cost(Array(text[..<5]), from: 3, model)
        #expect(abs(found.nats - expected) < 1e-3)
        let none = try likelihood(of: [ScoredDocument(text, isScored: text.map { _ in false })], model, context: 32)
        #expect(none.tokens == 0 && none.documents == 1)
    }

    /// Of a model with an adapter it is what an engine finds, whether the adapter changes the head or not.
    @Test(arguments: ["lm_head", "model.layers.1.mlp.down_proj"]) func anAdapterCounts(map: String) async throws {
        let served = try ServedModel.open(path: SharedBatchTests.golden("llama"), name: "llama")
        let place = FileManager.default.temporaryDirectory.appending(path: "adapter-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        var random = SplitMix(seed: 4)
        let (outputs, inputs, strength): (Int, Int, Float) = map == "lm_head" ? (96, 64, 1) : (64, 96, 30)
        let tensors = [
            "\(map).lora_A.weight": Tensor(random.floats(2 * inputs), shape: [2, inputs]),
            "\(map).lora_B.weight": Tensor(random.floats(outputs * 2).map { $0 * strength }, shape: [outputs, 2]),
        ]
        let target = String(map.split(separator: ".").last!)
        let configuration = AdapterConfiguration(rank: 2, alpha: 2, targets: [target], base: "llama")
        try AdapterBundle(configuration, tensors).write(to: place.path)
        let adapted = try served.adapted(named: "adapted", by: place.path)
        let text = (0..<150).map { $0 * 31 % 96 }, engine = Engine(served)
        var request = GenerationRequest(prompt: text, sampling: .greedy, maxTokens: 1)
        request.promptLogprobs = true
        let scores = try await engine.generate(adapted.addressed(request)).collect().promptScores
        let expected = scores.compactMap(\.logprob).reduce(0) { $0 - Double($1) }
        let found = try likelihood(of: [ScoredDocument(text)], adapted, context: 256)
        #expect(found.tokens == 149)
        #expect(abs(found.nats - expected) < 1e-4 * expected)
        let alone = try likelihood(of: [ScoredDocument(text)], served, context: 256)
        #expect(abs(alone.nats - found.nats) > 1e-3 * expected)
    }

    @Test func strangersAreRefused() throws {
        let model = try Self.network()
        #expect(throws: EngineError.unknownToken(id: 96, vocabulary: 96)) {
            try likelihood(of: [ScoredDocument([1, 96])], model, context: 8)
        }
        #expect(throws: EngineError.self) { try likelihood(of: [ScoredDocument([1, 2])], model, context: 1) }
    }
}
