import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing
import Training

/// DESIGN D4: what the trainer computes of a token is what the server computes of it, to the bit.
@Suite struct ServedEqualityTests {
    private static let shared: Settings = [
        "vocab_size": 96, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 16, "sliding_window": 7, "sliding_window_pattern": 2,
        "use_sliding_window": false, "tie_word_embeddings": true, "n_embd": 64, "n_layer": 3, "n_head": 4,
        "n_positions": 64, "max_position_embeddings": 64, "num_local_experts": 4, "num_experts": 4,
        "num_experts_per_tok": 2, "moe_intermediate_size": 32, "moe_num_experts": 4, "moe_k": 2,
        "moe_num_shared_experts": 1, "moe_topk": 2, "n_routed_experts": 4, "n_shared_experts": 1,
        "first_k_dense_replace": 1, "kv_lora_rank": 16, "qk_nope_head_dim": 16, "qk_rope_head_dim": 16,
        "v_head_dim": 16, "query_pre_attn_scalar": 16, "final_logit_softcapping": 5,
        "shared_expert_intermediate_size": 32, "num_heads": 8, "n_groups": 2, "state_size": 20, "conv_kernel": 4,
    ]

    static let types = knownArchitectures

    static func settings(_ type: String, isTied: Bool) -> Settings {
        var settings = shared
        settings["model_type"] = .string(type)
        settings["tie_word_embeddings"] = .bool(isTied)
        return settings
    }

    private static let prompts: [[Int32]] = [19, 33, 6].map { count in
        (0..<count).map { Int32(($0 * $0 * 7 + count) % 96) }
    }

    /// As the trainer sees them: documents end to end, without a past.
    private func trained(_ objective: Objective, _ parameters: [String: Tensor]) throws -> [[Float]] {
        let network = try objective.network(parameters)
        var tokens: [Int32] = [], targets: [Int32] = [], documents: [Range<Int>] = []
        for prompt in Self.prompts {
            documents.append(tokens.count..<tokens.count + prompt.count)
            (tokens, targets) = (tokens + prompt, targets + prompt.dropFirst() + [-1])
        }
        let batch = Batch(tokens: tokens, documents: documents, for: network.cacheShape)
        let scores = logprobs(network.states(batch), network.head, targets).scalars
        return documents.map { scores[$0].dropLast().map(\.self) }
    }

    /// As the server sees them: packed weights, a cache, and pieces of several prompts in one batch.
    private func served(_ network: any LanguageModel, _ prompts: [[Int32]], chunk: Int) -> [[Float]] {
        let cache = KeyValueCache(network.cacheShape, blocks: 4 * prompts.count)
        var computed = prompts.map { _ in 0 }, scores: [[Float]] = prompts.map { _ in [] }
        while zip(computed, prompts).contains(where: { $0 < $1.count }) {
            var tokens: [Int32] = [], sequences: [Batch.Sequence] = [], places: [(prompt: Int, position: Int)] = []
            for (index, prompt) in prompts.enumerated() where computed[index] < prompt.count {
                let new = computed[index]..<min(prompt.count, computed[index] + chunk + index)
                let blocks = (0..<4).map { Int32(4 * index + 3 - $0) }
                let rows = tokens.count..<tokens.count + new.count
                sequences.append(.init(rows: rows, start: new.lowerBound, blocks: blocks))
                tokens += prompt[new]
                places += new.map { (index, $0) }
                computed[index] = new.upperBound
            }
            let logits = network(
                Batch(tokens: tokens, sequences: sequences, outputs: Array(tokens.indices), cache: cache)
            )
            for (row, place) in places.enumerated() where place.position + 1 < prompts[place.prompt].count {
                let target = Int(prompts[place.prompt][place.position + 1])
                scores[place.prompt].append(logits.rows(row..<row + 1).withFloats { score(target, in: $0) })
            }
        }
        return scores
    }

    /// As Inference scores a token.
    private func score(_ target: Int, in logits: UnsafeBufferPointer<Float>) -> Float {
        let peak = logits.max()!
        return logits[target] - (peak + Float(log(expSum(logits, shift: peak))))
    }

    @Test(arguments: types, Objective.Precision.allCases)
    func aTokensScoreIsTheSameBits(type: String, precision: Objective.Precision) throws {
        for isTied in [true, false] {
            let objective = Objective(Self.settings(type, isTied: isTied), precision: precision)
            let parameters = try objective.fresh(seed: 8), scores = try trained(objective, parameters)
            let network = try objective.reference(parameters)
            #expect(scores.map(\.count) == Self.prompts.map { $0.count - 1 })
            for chunk in [1, 5, 64] {
                #expect(served(network, Self.prompts, chunk: chunk) == scores, "chunks of \(chunk)")
            }
            #expect(Self.prompts.map { served(network, [$0], chunk: 64)[0] } == scores, "alone")
        }
    }

    /// An adapter over packed, quantised and float weights.
    @Test(arguments: ["lora", "dora"], [DType.float32, .q8_0])
    func anAdaptedTokensScoreIsTheSameBits(kind: String, dtype: DType) throws {
        let settings = Self.settings("llama", isTied: true)
        let base = try Objective(settings).fresh(seed: 8).mapValues {
            $0.shape.count == 2 ? $0.quantized(to: dtype) : $0
        }
        let objective = Objective(settings, base: base, adapter: try AdapterTests.adapter(kind))
        var random = SplitMix(seed: 2)
        let parameters = Dictionary(
            uniqueKeysWithValues: try objective.fresh(seed: 3).sorted { $0.key < $1.key }.map { name, tensor in
                (name, Tensor(random.floats(tensor.shape.elements, bound: 0.2), shape: tensor.shape))
            }
        )
        let scores = try trained(objective, parameters), network = try objective.reference(parameters)
        for chunk in [1, 5, 64] { #expect(served(network, Self.prompts, chunk: chunk) == scores, "chunks of \(chunk)") }
    }
}
