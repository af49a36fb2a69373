/// What GGUF calls the parts of one architecture, and what its files do differently.
///
/// Adding one is a table here and a line in ``all``.
struct GGUFArchitecture: Sendable {
    /// `model_type` of Hugging Face's config.json.
    let modelType: String
    /// Hugging Face's names by GGUF's, without `.weight` and `.bias`; `*` stands for the layer, and `#` for each of the
    /// experts that the file has in one tensor. A name with its `.weight` or `.bias` goes as a whole.
    let names: [String: String]
    /// Whether the rows of queries and keys are in the order of interleaved rotary pairs (see ``Deinterleaved``).
    var interleaved = false
    /// Settings that every file of this architecture has without saying so.
    var settings: [String: Settings.Value] = ["hidden_act": "silu"]
    /// What Hugging Face's config.json of this architecture calls some settings, by their common names.
    var spellings: [String: String] = [:]
    /// Whether positions are rotations.
    var rotates = true
    /// What config.json calls keys of this architecture alone, or calls otherwise than most do, by what stands after the
    /// architecture's name in GGUF's.
    var keys: [String: String] = [:]
    /// Keys that files of this architecture have for the sake of other programs, and that say nothing.
    var unused: Set<String> = []
    /// The shape that models want, of a tensor by its name and the shape that files have.
    var reshaped: @Sendable (_ name: String, _ shape: [Int]) -> [Int] = { $1 }
    /// Whether a tensor of queries, keys and values together is three for the model.
    var splitsQueries = false
    /// Matrices whose rows are brought to length 1, by the names that models use.
    var unitRows: @Sendable (Settings) -> [String] = { _ in [] }
    /// Works out settings that files say in another way, or leave to be told from their tensors.
    var finish: @Sendable (inout Settings, GGUFSettings) throws -> Void = { _, _ in }

    /// The architectures by `general.architecture`. One that is not here is read as Llama's, under its own name, so that it
    /// can be shown; whether there is a model for it is not decided here.
    static let all =
        ["gemma3": gemma3, "gpt2": gpt2, "llama": llama, "qwen2": qwen2, "qwen3": qwen3]
        .merging(decoders) { $1 }.merging(mixtures) { $1 }.merging(stateSpaces) { $1 }
        .merging(encoders) { $1 }

    static func named(_ name: String) -> GGUFArchitecture {
        all[name] ?? GGUFArchitecture(modelType: name, names: decoder.merging(sandwich) { name, _ in name })
    }

    /// The architecture of a file; Llama's with experts is Mixtral.
    static func of(_ metadata: GGUFMetadata, named name: String) -> GGUFArchitecture {
        guard name == "llama", let experts = metadata["llama.expert_count"]?.integer, experts > 0 else {
            return named(name)
        }
        return mixtral
    }

    static let llama = GGUFArchitecture(
        modelType: "llama",
        names: decoder.merging(["blk.*.ffn_norm": "model.layers.*.post_attention_layernorm"]) { $1 },
        interleaved: true
    )

    static let qwen2 = GGUFArchitecture(
        modelType: "qwen2",
        names: decoder.merging(["blk.*.ffn_norm": "model.layers.*.post_attention_layernorm"]) { $1 }
    )

    static let qwen3 = GGUFArchitecture(modelType: "qwen3", names: qwen2.names)

    /// Matrices are `[outputs, inputs]`, as models want them, and not as the Hub's files have them.
    static let gpt2 = GGUFArchitecture(
        modelType: "gpt2",
        names: [
            "token_embd": "transformer.wte",
            "position_embd": "transformer.wpe",
            "output_norm": "transformer.ln_f",
            "output": "lm_head",
            "blk.*.attn_norm": "transformer.h.*.ln_1",
            "blk.*.attn_qkv": "transformer.h.*.attn.c_attn",
            "blk.*.attn_output": "transformer.h.*.attn.c_proj",
            "blk.*.ffn_norm": "transformer.h.*.ln_2",
            "blk.*.ffn_up": "transformer.h.*.mlp.c_fc",
            "blk.*.ffn_down": "transformer.h.*.mlp.c_proj",
        ],
        settings: [
            "activation_function": "gelu_new", "scale_attn_weights": true, "scale_attn_by_inverse_layer_idx": false,
        ],
        spellings: Settings.gpt2Spellings,
        rotates: false
    )

    /// Norm weights are stored with the one of `1 + w` already added, and that is what models are given.
    static let gemma3 = GGUFArchitecture(
        modelType: "gemma3_text",
        names: decoder.merging(sandwich) { $1 },
        settings: [
            "hidden_activation": "gelu_pytorch_tanh", "sliding_window_pattern": 6, "rope_local_base_freq": 10_000,
            "rope_theta": 1_000_000,
        ],
        // Only the 27B model, told by its 62 layers, scales by the mean head width instead of the head's own.
        finish: { try $1.scaleScores(&$0, byMeanWidthAt: 62) }
    )

    /// What all decoders share.
    static let decoder = [
        "token_embd": "model.embed_tokens",
        "output_norm": "model.norm",
        "output": "lm_head",
        "blk.*.attn_norm": "model.layers.*.input_layernorm",
        "blk.*.attn_q": "model.layers.*.self_attn.q_proj",
        "blk.*.attn_k": "model.layers.*.self_attn.k_proj",
        "blk.*.attn_v": "model.layers.*.self_attn.v_proj",
        "blk.*.attn_output": "model.layers.*.self_attn.o_proj",
        "blk.*.attn_q_norm": "model.layers.*.self_attn.q_norm",
        "blk.*.attn_k_norm": "model.layers.*.self_attn.k_norm",
        "blk.*.ffn_gate": "model.layers.*.mlp.gate_proj",
        "blk.*.ffn_up": "model.layers.*.mlp.up_proj",
        "blk.*.ffn_down": "model.layers.*.mlp.down_proj",
    ]

    /// Norms before and after each half of a block.
    static let sandwich = [
        "blk.*.post_attention_norm": "model.layers.*.post_attention_layernorm",
        "blk.*.ffn_norm": "model.layers.*.pre_feedforward_layernorm",
        "blk.*.post_ffw_norm": "model.layers.*.post_feedforward_layernorm",
    ]
}

extension GGUFArchitecture {
    /// The name a model uses for a tensor of the file; the file's own where the table has none.
    func name(_ spelling: String) -> String {
        let parts = spelling.split(separator: ".", omittingEmptySubsequences: false)
        let isLayer = parts.count > 2 && parts[0] == "blk" && parts[1].allSatisfy(\.isNumber)
        let layer = isLayer ? String(parts[1]) : ""
        if isLayer, let whole = names["blk.*." + parts[2...].joined(separator: ".")] {
            return whole.replacing("*", with: layer)
        }
        guard parts.count > 1, let suffix = parts.last, suffix == "weight" || suffix == "bias" else { return spelling }
        let stem =
            isLayer
            ? "blk.*." + parts[2...].dropLast().joined(separator: ".") : String(spelling.dropLast(suffix.count + 1))
        guard let name = names[stem] else { return spelling }
        return name.replacing("*", with: layer) + "." + suffix
    }
}
