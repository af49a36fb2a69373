import Bundles
import Checkpoints
import Foundation
import Inference
import Models
import Tensors
import TestSupport
import Testing
import Text

/// Requests with different adapters, and with none, in one engine.
@Suite(.timeLimit(.minutes(15))) struct AdaptedEngineTests {
    /// A model whose own sampling is greedy, and two adapters over it.
    struct Home {
        let engine: Engine, adapters: [LoadedAdapter]

        init(gate: Gate = Gate(true), _ change: (inout Engine.Options) -> Void = { _ in }) throws {
            var options = Engine.Options()
            options.cacheTokens = 4096
            change(&options)
            let maps = AdaptableMaps()
            let model = try Models.model(
                InvarianceTests.settings,
                Weights(RandomWeights(seed: 5), register: maps)
            )
            let blocks = options.cacheBlocks(blockBytes: model.cacheShape.blockBytes, contextLength: 300)
            let runner = GatedRunner(network: ModelRunner(model, blocks: blocks), gate: gate)
            engine = Engine(runner: runner, voice: SpelledVoice(words: []), contextLength: 300, options: options)
            adapters = try [4, 8].map { rank in
                let tensors = SharedBatchTests.tensors(maps, rank: rank, seed: UInt64(rank), isScaled: rank == 8)
                return try LoadedAdapter(tensors, for: maps)
            }
        }

        /// The same prompts for all; who asks decides what they go through.
        func request(_ seed: Int) -> GenerationRequest {
            var request = InvarianceTests.request(seed / 3)
            request.adapter = seed % 3 == 0 ? nil : adapters[seed % 3 - 1].use()
            return request
        }
    }

    @Test(arguments: InvarianceTests.variations)
    func nothingAroundChangesABit(variation: InvarianceTests.Setting) async throws {
        let gate = Gate(), home = try Home(gate: gate, variation.change)
        let seeds = Array(3..<(variation.crowd == 0 ? 9 : 18))
        let generations = try seeds.map { try home.engine.generate(home.request($0)) }
        gate.open()
        for (seed, generation) in zip(seeds, generations) {
            let answer = try await generation.collect(), quiet = try Home { $0.speculates = false }
            let expected = try await quiet.engine.generate(quiet.request(seed)).collect()
            #expect(answer.tokens.count == 40 && answer.tokens == expected.tokens, "request \(seed)")
            #expect(answer.promptScores == expected.promptScores)
        }
        #expect(home.engine.statistics.blocksUsed == 0)
        for adapter in home.adapters { #expect(adapter.isIdle) }
    }

    /// A prefix that was computed under one adapter serves that adapter alone.
    @Test func prefixesAreOfTheirAdapter() async throws {
        let home = try Home()
        for round in 0..<2 {
            for seed in 3..<6 {
                let answer = try await home.engine.generate(home.request(seed)).collect()
                #expect(answer.usage.cachedTokens == (round == 0 ? 0 : 80), "round \(round), request \(seed)")
            }
        }
    }

    @Test func anAdapterIsBusyUntilItsRequestIsOver() async throws {
        let gate = Gate(), home = try Home(gate: gate), adapter = home.adapters[0]
        do {
            let generation = try home.engine.generate(home.request(4))
            #expect(!adapter.isIdle)
            gate.open()
            _ = try await generation.collect()
        }
        #expect(await eventuallyIdle(adapter))
    }

    private func eventuallyIdle(_ adapter: LoadedAdapter) async -> Bool {
        for _ in 0..<200 where !adapter.isIdle { try? await Task.sleep(for: .milliseconds(5)) }
        return adapter.isIdle
    }

    /// Over a quantised base, and compared to the adapter worked into it.
    @Test(arguments: ["lora", "dora"]) func aQuantisedBaseIsShared(name: String) async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let path = place.appending(path: "base.gguf").path
        try ModelBundle.open(SharedBatchTests.golden("llama")).export(gguf: path, type: .q8_0)
        let served = try ServedModel.open(path: path, name: "base")
        let bundle = try AdapterBundle(path: SharedBatchTests.golden(name)), adapter = try served.adapter(bundle)
        #expect(adapter.bytes == bundle.floatBytes)
        let engine = Engine(served), prompt = (0..<24).map { $0 * 5 % 96 }
        var request = GenerationRequest(prompt: prompt, sampling: .greedy, promptLogprobs: true)
        let plain = try await engine.generate(request).collect().promptScores.compactMap(\.logprob)
        request.adapter = adapter.use()
        let adapted = try await engine.generate(request).collect().promptScores.compactMap(\.logprob)
        var own = try ModelBundle.open(path)
        try own.adapt(with: bundle)
        let alone = try Engine(ServedModel.open(own, name: "own"))
        request.adapter = nil
        let expected = try await alone.generate(request).collect().promptScores.compactMap(\.logprob)
        #expect(zip(adapted, expected).allSatisfy { abs($0 - $1) < 0.02 }, "\(zip(adapted, expected).map { $0 - $1 })")
        #expect(zip(adapted, plain).contains { abs($0 - $1) > 0.05 })
    }

    /// What a cache keeps under an adapter is put back for that adapter alone.
    @Test func whatIsKeptIsOfTheAdapter() async throws {
        func served() throws -> ServedModel {
            try ServedModel.open(path: SharedBatchTests.golden("llama"), name: "llama")
        }
        let base = try served(), adapted = try base.adapted(named: "llama:lora", by: SharedBatchTests.golden("lora"))
        #expect(adapted.identity != nil && adapted.identity != base.identity)
        #expect(try served().adapted(named: "other", by: SharedBatchTests.golden("lora")).identity == adapted.identity)
        #expect(try served().adapted(named: "dora", by: SharedBatchTests.golden("dora")).identity != adapted.identity)
        let engine = Engine(base), prompt = (0..<40).map { $0 * 5 % 96 }
        let request = GenerationRequest(prompt: prompt, sampling: .greedy, maxTokens: 4)
        let first = try await engine.generate(adapted.addressed(request)).collect()
        let kept = try await engine.cached(prompt, of: adapted)
        #expect(kept.tokens.count == 32)
        #expect(try await engine.cached(prompt).tokens.isEmpty)
        #expect(try await engine.cached(prompt, of: base).tokens.isEmpty)
        let later = try served(), again = try later.adapted(named: "llama:lora", by: SharedBatchTests.golden("lora"))
        let other = Engine(later)
        #expect(try await other.restore(kept, of: again) == 32)
        let plain = try await other.generate(request).collect()
        #expect(plain.usage.cachedTokens == 0)
        let second = try await other.generate(again.addressed(request)).collect()
        #expect(second.usage.cachedTokens == 32 && second.tokens == first.tokens)
    }

    @Test func whatDoesNotFitIsRefusedByName() throws {
        let served = try ServedModel.open(path: SharedBatchTests.golden("llama"), name: "llama")
        var adapter = try AdapterBundle(path: SharedBatchTests.golden("lora"))
        func complaint() -> String {
            do { _ = try served.adapter(adapter) } catch { return "\(error)" }
            return "no error"
        }
        #expect(complaint() == "no error")
        let known = adapter.tensors
        adapter.tensors["model.layers.7.mlp.up_proj.lora_A.weight"] = Tensor.zeros([4, 64])
        adapter.tensors["model.layers.7.mlp.up_proj.lora_B.weight"] = Tensor.zeros([96, 4])
        #expect(complaint().contains("model.layers.7.mlp.up_proj"))
        adapter.tensors = known
        adapter.tensors["model.layers.0.mlp.up_proj.lora_A.weight"] = Tensor.zeros([4, 32])
        #expect(complaint().contains("model.layers.0.mlp.up_proj.lora_A.weight has shape [4, 32]"))
        adapter.tensors["model.layers.0.mlp.up_proj.lora_B.weight"] = Tensor.zeros([96, 4])
        #expect(complaint().contains("model.layers.0.mlp.up_proj") && complaint().contains("another model"))
        adapter.tensors = known
        var other = try ModelBundle.open(SharedBatchTests.golden("llama"))
        other.tokenizer.bos = 3
        adapter.fingerprint = other.fingerprint
        #expect(complaint().contains("tokenizer"))
        let own = try ServedModel.open(path: SharedBatchTests.golden("lora"), name: "own")
        #expect(throws: ServedModelError.notAdaptable("own")) { try own.adapter(adapter) }
    }
}
