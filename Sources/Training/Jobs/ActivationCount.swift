package import Checkpoints

/// Floats that a network remembers of each row of a batch for its gradient, counted op by op (Decision 0092).
///
/// Exact for networks like Llama and GPT-2; others are counted as if they were like them.
package struct ActivationCount: Hashable {
    package let layers: Int, width: Int
    /// What a block remembers from the one pass to the other, and what there is of the block whose gradient is being worked out.
    package let block: Int, passing: Int
    /// What is left of a block that is worked out again: what went in, and its part of the cache.
    package let boundary: Int

    /// - Parameters:
    ///   - shapes: those of the network's tensors and of what is learnt, by name.
    ///   - masksAdapter: whether some of what goes into an adapter is left out.
    package init(_ settings: Settings, _ shapes: [String: [Int]], masksAdapter: Bool) {
        func size(_ keys: String..., fallback: Int) -> Int {
            keys.lazy.compactMap { try? settings.optional($0, Int.self) }.first ?? fallback
        }
        width = size("hidden_size", "n_embd", fallback: 768)
        let heads = size("num_attention_heads", "n_head", fallback: 12)
        let head = size("head_dim", fallback: width / max(1, heads))
        let queries = heads * head, keys = size("num_key_value_heads", fallback: heads) * head
        let inner = size("moe_intermediate_size", "intermediate_size", "n_inner", fallback: 4 * width)
        let chosen = size("num_experts_per_tok", fallback: 0), parts = max(1, chosen)
        let own = Shapes(shapes)
        layers = size("num_hidden_layers", "n_layer", fallback: 12)
        // Norms remember what goes in; attention its operands and its result, and the cache halves of keys and values. What a
        // norm, an activation or a mask makes is made again, but for a mask over attention's result.
        let norms = own.norms * width + own.headNorms * (queries + keys) / 2
        let attention = 2 * queries + 3 * keys
        // Experts read copies of rows, and their results are weighed.
        let feedForward = own.branches * parts * inner + 2 * chosen * width
        let adapter = own.adapter + (masksAdapter ? queries : 0)
        block = norms + attention + feedForward + adapter
        passing = 4 * parts * inner + 4 * width
        boundary = width + keys
    }

    /// Of a row in all blocks.
    ///
    /// - Parameter recomputes: whether blocks are worked out again.
    package func floats(recomputes: Bool) -> Int {
        (recomputes ? layers * boundary + block : layers * block) + passing
    }
}

/// What the names of the first block's tensors tell.
private struct Shapes {
    private let block: [String: [Int]]

    init(_ shapes: [String: [Int]]) {
        block = shapes.filter { $0.key.contains("layers.0.") || $0.key.contains(".h.0.") }
    }

    private func count(_ suffixes: [String]) -> Int {
        block.keys.count { name in suffixes.contains { name.hasSuffix($0) } }
    }

    /// Norms of queries and keys, and of whole rows.
    var headNorms: Int { count(["q_norm.weight", "k_norm.weight"]) }
    var norms: Int { max(2, count(["norm.weight", "ln_1.weight", "ln_2.weight"]) - headNorms) }

    /// What the activation of a feed-forward reads: a gate too, but for GPT-2's.
    var branches: Int { count(["c_fc.weight"]) == 0 ? 2 : 1 }

    /// What goes between an adapter's two matrices, and where rows have lengths what they are multiplied with.
    var adapter: Int {
        block.reduce(0) { sum, tensor in
            let counts = tensor.key.hasSuffix("lora_A.weight") || tensor.key.hasSuffix("lora_magnitude_vector")
            return sum + (counts ? tensor.value[0] : 0)
        }
    }
}
