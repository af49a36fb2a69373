import Bundles
import Checkpoints
import Foundation
import Inference
import Models
import Tensors
import TestSupport
import Testing
import Text

/// Adapters that share one network's batches compute what they compute each over a network of its own.
@Suite(.timeLimit(.minutes(15))) struct SharedBatchTests {
    static func golden(_ name: String) -> String { Golden.folder.appending(path: "Bundles/\(name)").path }

    /// A network in float32, and what is loaded over it.
    struct Shared {
        let model: any LanguageModel, maps: AdaptableMaps

        init(_ bundle: ModelBundle) throws {
            maps = AdaptableMaps()
            let exact = BundleLogitsTests.Exact(source: bundle.weights)
            model = try Models.model(bundle.settings, Weights(exact, register: maps))
        }

        /// - Parameter texts: each with the adapter that it goes through.
        func logits(_ texts: [([Int32], LoadedAdapter?)]) -> [[Float]] {
            var sequences: [CachedSequence] = [], tokens: [Int32] = [], blocks: Int32 = 0
            for (text, _) in texts {
                let count = Int32((text.count + 15) / 16), rows = tokens.count..<tokens.count + text.count
                sequences.append(.init(rows: rows, start: 0, blocks: Array(blocks..<blocks + count)))
                tokens += text
                blocks += count
            }
            let cache = KeyValueCache(model.cacheShape, blocks: Int(blocks))
            let batch = Batch(
                tokens: tokens,
                sequences: sequences,
                outputs: Array(tokens.indices),
                cache: cache,
                adapters: texts.map(\.1)
            )
            let scores = model(batch).scalars, width = model.vocabulary
            return sequences.map { Array(scores[$0.rows.lowerBound * width..<$0.rows.upperBound * width]) }
        }
    }

    /// The reference library's logits, all adapters in one batch.
    @Test func adaptersOfTheReferenceShareABatch() throws {
        let shared = try Shared(ModelBundle.open(Self.golden("llama")))
        let golden = try Golden.safetensors("Bundles/adapters").tensors
        let tokens = try #require(golden["tokens"]).integers, names = ["lora", "rslora", "dora"]
        let adapters = try names.map { name in
            try LoadedAdapter(AdapterBundle(path: Self.golden(name)).folded, for: shared.maps)
        }
        let found = shared.logits([(tokens, adapters[0]), (tokens, nil), (tokens, adapters[1]), (tokens, adapters[2])])
        for (name, logits) in zip(names, [found[0], found[2], found[3]]) {
            let expected = try #require(golden["\(name).logits"])
            expectClose(Tensor(logits, shape: expected.shape), expected, absolute: 1.5e-2, relative: 1e-3, name)
        }
        #expect(found[1] == shared.logits([(tokens, nil)])[0], "what has no adapter is as if there were none")
        #expect(found[0] != found[1] && found[2] != found[0])
    }

    @Test func anAdapterOverGPT2Shares() throws {
        let shared = try Shared(ModelBundle.open(Self.golden("gpt2")))
        let golden = try Golden.safetensors("Bundles/adapters").tensors
        let adapter = try LoadedAdapter(AdapterBundle(path: Self.golden("gpt2-dora")).folded, for: shared.maps)
        let tokens = try #require(golden["tokens"]).integers, expected = try #require(golden["gpt2-dora.logits"])
        let found = shared.logits([(tokens, adapter)])[0]
        expectClose(Tensor(found, shape: expected.shape), expected, absolute: 1.5e-2, relative: 1e-3)
    }

    static let families: [String: Settings] = [
        "qwen2": InvarianceTests.settings.with(["model_type": "qwen2", "tie_word_embeddings": false]),
        "mixture": InvarianceTests.settings.with([
            "model_type": "qwen3_moe", "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
            "norm_topk_prob": true, "tie_word_embeddings": false,
        ]),
        "gemma2": InvarianceTests.settings.with(["model_type": "gemma2", "query_pre_attn_scalar": 16]),
    ]

    /// Experts, biases and heads too: each text in a mixed batch has the bits that it has alone, and nearly what the adapter gives
    /// worked into the weights.
    @Test(arguments: families.keys.sorted(), [false, true])
    func mixturesChangeNoBit(family: String, isScaled: Bool) throws {
        let settings = try #require(Self.families[family]), base = KeptWeights(seed: 5), maps = AdaptableMaps()
        let model = try Models.model(settings, Weights(base, register: maps))
        let shared = Shared(model, maps)
        let sets = [1, 2].map { Self.tensors(maps, rank: 3 * $0 + 1, seed: UInt64($0), isScaled: isScaled) }
        let adapters = try sets.map { try LoadedAdapter($0, for: maps) }
        let texts = (0..<6).map { text in (0..<9 + 7 * text).map { Int32(($0 * 7 + text * 5) % 96) } }
        let mixed = zip(texts, [adapters[0], nil, adapters[1], adapters[0], adapters[1], nil]).map { ($0, $1) }
        let found = shared.logits(mixed)
        for (index, text) in mixed.enumerated() { #expect(shared.logits([text])[0] == found[index], "text \(index)") }
        for (place, tensors) in [(0, sets[0]), (2, sets[1])] {
            let folded = try Models.model(settings, Weights(Folded(base: base, tensors: tensors)))
            let expected = folded(Batch(tokens: texts[place], for: folded.cacheShape))
            let close = Tensor(found[place], shape: expected.shape)
            // A choice of experts is a step: the rare row that is on its edge may fall to either side.
            expectClose(close, expected, absolute: family == "mixture" ? 0.05 : 0.02, relative: 1e-2)
            #expect(found[place] != shared.logits([(texts[place], nil)])[0])
        }
    }

    /// A head that is the embedding has an adapter of its own: the embedding stays.
    @Test(arguments: [false, true]) func aTiedHeadIsAdaptedAsIfItWereItsOwn(isScaled: Bool) throws {
        let settings = try #require(Self.families["qwen2"]), base = KeptWeights(seed: 5)
        let maps = AdaptableMaps(), ownMaps = AdaptableMaps()
        let tied = try Models.model(
            settings.with(["tie_word_embeddings": true]),
            Weights(base, register: maps)
        )
        maps.add(head: tied.head)
        let own = try Models.model(settings, Weights(HeadOfEmbedding(base: base), register: ownMaps))
        ownMaps.add(head: own.head)
        #expect(maps.shapes == ownMaps.shapes && maps.shapes["lm_head"] != nil)
        let tensors = Self.tensors(maps, rank: 4, seed: 3, isScaled: isScaled)
        let texts: [[Int32]] = [(0..<20).map { $0 * 7 % 96 }, (0..<5).map { $0 * 11 % 96 }]
        let found = Shared(tied, maps).logits([(texts[0], try LoadedAdapter(tensors, for: maps)), (texts[1], nil)])
        let expected = Shared(own, ownMaps).logits([
            (texts[0], try LoadedAdapter(tensors, for: ownMaps)), (texts[1], nil),
        ])
        #expect(found == expected)
        #expect(found[0] != Shared(tied, maps).logits([(texts[0], nil)])[0])
    }

    static func tensors(_ maps: AdaptableMaps, rank: Int, seed: UInt64, isScaled: Bool) -> [String: Tensor] {
        var random = SplitMix(seed: seed), tensors: [String: Tensor] = [:]
        for (path, shape) in maps.shapes.sorted(by: { $0.key < $1.key }) {
            tensors["\(path).lora_A.weight"] = Tensor(random.floats(rank * shape[1]), shape: [rank, shape[1]]) * 0.05
            tensors["\(path).lora_B.weight"] = Tensor(random.floats(shape[0] * rank), shape: [shape[0], rank]) * 0.1
            guard isScaled else { continue }
            let lengths = random.floats(shape[0]).map { $0 * 0.1 + 0.6 }
            tensors["\(path).lora_magnitude_vector"] = Tensor(lengths, shape: [shape[0]])
        }
        return tensors
    }
}

extension SharedBatchTests.Shared {
    init(_ model: any LanguageModel, _ maps: AdaptableMaps) { (self.model, self.maps) = (model, maps) }
}

extension Settings {
    func with(_ more: Settings) -> Settings {
        var settings = self
        for (key, value) in more.values { settings[key] = value }
        return settings
    }
}

/// Random weights, the same whenever they are asked for.
struct KeptWeights: WeightSource {
    let seed: UInt64

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        fresh.flatMap { RandomWeights(seed: seed).tensor(name, $0) }
    }
}

/// The same, the head being a copy of the embedding.
struct HeadOfEmbedding: WeightSource {
    let base: KeptWeights

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard name == "lm_head.weight" else { return try base.tensor(name, fresh) }
        let table = fresh.map { Initializer(shape: $0.shape, bound: 0.02, value: 0) }
        return try base.tensor("model.embed_tokens.weight", table)
    }
}

/// Weights with low-rank products worked in, by plain sums.
struct Folded: WeightSource {
    let base: KeptWeights, tensors: [String: Tensor]

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let weight = try base.tensor(name, fresh), name.hasSuffix(".weight") else {
            return try base.tensor(name, fresh)
        }
        let path = name.dropLast(".weight".count)
        guard let a = tensors["\(path).lora_A.weight"], let b = tensors["\(path).lora_B.weight"] else { return weight }
        return LowRankSum(weight, a: a, b: b).sum(withLengths: tensors["\(path).lora_magnitude_vector"])
    }
}
