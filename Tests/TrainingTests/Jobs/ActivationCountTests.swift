import Checkpoints
import Testing
import Training

/// What networks remember of a row, against sums made by hand (Decision 0092).
@Suite struct ActivationCountTests {
    private let smol: Settings = [
        "hidden_size": 576, "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3,
        "intermediate_size": 1536,
    ]
    private let norms = ["input_layernorm", "post_attention_layernorm"]

    /// The tensors of a first block: norms of a width, and what else is told.
    private func shapes(_ width: Int, _ norms: [String], _ others: [String: [Int]] = [:]) -> [String: [Int]] {
        let own = norms.map { ("model.layers.0.\($0).weight", [width]) }
        return Dictionary(uniqueKeysWithValues: own + others.map { ("model.layers.0.\($0)", $1) })
            .merging(["model.layers.1.input_layernorm.weight": [width], "model.norm.weight": [width]]) { own, _ in own }
    }

    @Test func aNetworkThatLearnsWhole() {
        let count = ActivationCount(smol, shapes(576, norms), masksAdapter: false)
        let norms = 2 * 576, queriesAndResults = 2 * 576, keysValuesAndCache = 3 * 192, gateAndUp = 2 * 1536
        #expect(count.block == norms + queriesAndResults + keysValuesAndCache + gateAndUp && count.layers == 30)
        #expect(count.floats(recomputes: false) == 30 * count.block + count.passing)
        #expect(count.floats(recomputes: true) == 30 * (576 + 192) + count.block + count.passing)
    }

    @Test func anAdapter() {
        let ranks = ["self_attn.q_proj", "mlp.down_proj"].map { ("\($0).lora_A.weight", [8, 576]) }
        let adapted = shapes(576, norms, Dictionary(uniqueKeysWithValues: ranks))
        let whole = ActivationCount(smol, shapes(576, norms), masksAdapter: false).block
        #expect(ActivationCount(smol, adapted, masksAdapter: false).block == whole + 16)
        #expect(ActivationCount(smol, adapted, masksAdapter: true).block == whole + 16 + 576)
    }

    @Test func moreNorms() {
        let gemma = ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
        let byHead = ["self_attn.q_norm.weight": [64], "self_attn.k_norm.weight": [64]]
        let whole = ActivationCount(smol, shapes(576, norms), masksAdapter: false).block
        let more = ActivationCount(smol, shapes(576, norms + gemma, byHead), masksAdapter: false).block
        let rows = 2 * 576, heads = 576 + 192
        #expect(more == whole + rows + heads)
    }

    @Test func gpt2() {
        let settings: Settings = ["n_embd": 768, "n_layer": 12, "n_head": 12]
        let shapes = ["ln_1.weight", "ln_2.weight", "mlp.c_fc.weight"].map { ("transformer.h.0.\($0)", [768]) }
        let count = ActivationCount(settings, Dictionary(uniqueKeysWithValues: shapes), masksAdapter: false)
        let norms = 2 * 768, attention = 5 * 768, inner = 4 * 768
        #expect(count.layers == 12 && count.block == norms + attention + inner)
    }
}
