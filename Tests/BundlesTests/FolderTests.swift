import Bundles
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing
import Text

@Suite struct FolderTests {
    @Test func aFolderOfTheReferenceIsReadWhole() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("llama").path)
        #expect(try bundle.settings("rope_theta") == 100_000.0)
        #expect(bundle.settings["rope_scaling"] == nil && bundle.settings["rope_parameters"] == nil)
        #expect(bundle.weights.entries.count == 20 && bundle.weights.entries.allSatisfy { $0.dtype == .bfloat16 })
        let defaults = GenerationDefaults(temperature: 0.7, topK: 20, topP: 0.8, repetitionPenalty: 1.05)
        #expect(bundle.defaults == defaults)
        #expect(bundle.template?.contains("add_generation_prompt") == true)
        #expect(bundle.tokenizer.bos == 1 && bundle.tokenizer.eos == 2 && bundle.tokenizer.endOfGeneration == [2])
    }

    @Test func rowsBeyondTheTokenizerGetTokensThatNoTextHas() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("llama").path)
        #expect(bundle.tokenizer.tokens.count == 96 && bundle.tokenizer.tokens.last == "[PAD95]")
        let tokenizer = try Tokenizer(bundle.tokenizer)
        #expect(tokenizer.vocabularySize == 96)
        #expect(tokenizer.encode("[PAD95]").allSatisfy { $0 < 90 })
        let folder = try GoldenFolder("llama")
        try folder.set(["vocab_size"], to: 80)
        #expect(throws: BundleError.vocabulary(tokens: 90, rows: 80)) { try ModelBundle.open(folder.path) }
    }

    @Test(arguments: ["llama", "qwen2", "qwen3", "gemma3", "gpt2"])
    func theWeightsAreThoseOfTheNetwork(name: String) throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden(name).path)
        let expected = try Golden.safetensors("Models/\(name)").tensors
        #expect(Set(bundle.weights.entries.map(\.name)) == Set(expected.keys))
        for (key, tensor) in expected {
            let found = try #require(try bundle.weights.tensor(key, nil)), shift: Float = name == "gemma3" ? 1 : 0
            let wanted = name == "gpt2" && key.contains(".c_") ? tensor.transposed : tensor
            let isSame = found.scalars == wanted.scalars.map { key.hasSuffix("norm.weight") ? $0 + shift : $0 }
            #expect(isSame && found.shape == wanted.shape, "\(key)")
        }
    }

    /// Both spellings of rotary positions, and a model within a model.
    @Test func oldAndNewSpellingsMeanTheSame() throws {
        let folder = try GoldenFolder("llama"), plain = try ModelBundle.open(folder.path).settings
        try folder.set(["rope_parameters"], to: nil)
        try folder.set(["rope_theta"], to: 100_000.0)
        try folder.set(["rope_scaling"], to: nil)
        #expect(try ModelBundle.open(folder.path).settings["rope_theta"] == plain["rope_theta"])
        let scaling: JSON = ["rope_type": "linear", "factor": 4.0]
        try folder.set(["rope_scaling"], to: scaling)
        let old = try ModelBundle.open(folder.path).settings
        try folder.set(["rope_scaling"], to: nil)
        try folder.set(["rope_parameters"], to: ["rope_type": "linear", "factor": 4.0, "rope_theta": 100_000.0])
        let new = try ModelBundle.open(folder.path).settings
        #expect(new["rope_scaling"] == old["rope_scaling"] && new["rope_scaling"] != nil)
        #expect(new["rope_theta"] == .number(100_000))
    }

    /// Libraries call the number of experts in several ways, the reference in another with version 5.
    @Test(
        arguments: [
            ("mixtral", "num_local_experts"), ("qwen3_moe", "num_experts"), ("ernie4_5_moe", "moe_num_experts"),
            ("hunyuan_v1_moe", "num_experts"), ("gpt_oss", "num_local_experts"), ("deepseek_v2", "n_routed_experts"),
            ("deepseek_v3", "n_routed_experts"),
        ],
        ["num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"]
    )
    func expertsAreCountedByAnyOfTheirNames(type: (String, String), key: String) throws {
        var config: Settings = [
            "model_type": .string(type.0), "vocab_size": 96, "hidden_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 96,
        ]
        config[key] = 6
        let settings = try Settings(hub: config)
        #expect(settings[type.1] == 6 && (key == type.1 || settings[key] == nil))
        config[type.1] = 5
        #expect(try Settings(hub: config)[type.1] == 5)
    }

    /// As the reference library writes what JSON has no word for.
    @Test func numbersThatAreNotFiniteAreRead() throws {
        let words = [("Infinity", Double.infinity), ("-Infinity", -.infinity)]
        for (word, number) in words {
            #expect(Settings.Value(["__float__": .string(word)]) == .number(number))
        }
        let nothing = Settings.Value(["__float__": "NaN"])
        #expect(nothing != nothing)
        #expect(Settings.Value(["__float__": "much"]) == ["__float__": "much"])
        let folder = try GoldenFolder("llama")
        try folder.set(["time_step_limit"], to: [0.0, ["__float__": "Infinity"]])
        let bundle = try ModelBundle.open(folder.path), limits: Settings.Value = [0.0, .number(.infinity)]
        #expect(bundle.settings["time_step_limit"] == limits)
        let written = folder.url.deletingLastPathComponent().appending(path: "written").path
        try bundle.write(to: written)
        #expect(try ModelBundle.open(written).settings["time_step_limit"] == limits)
    }

    @Test func gemmasLayersAndItsTwoRotaryBasesAreRead() throws {
        let settings = try ModelBundle.open(GoldenFolder.golden("gemma3").path).settings
        #expect(try settings("sliding_window_pattern") == 6)
        #expect(try settings("rope_local_base_freq") == 10_000.0)
        #expect(try settings("rope_theta") == 1_000_000.0)
        #expect(try settings("query_pre_attn_scalar") == 24)
    }

    @Test(arguments: ["language_model.model.", "model.language_model."])
    func aLanguageModelWithinAnotherIsTakenOut(prefix: String) throws {
        let folder = try GoldenFolder("gemma3"), plain = try ModelBundle.open(folder.path)
        try nest(folder, prefix)
        let nested = try ModelBundle.open(folder.path)
        #expect(nested.settings.values == plain.settings.values)
        #expect(Set(nested.weights.entries) == Set(plain.weights.entries))
        let name = "model.layers.3.mlp.up_proj.weight"
        let isSame = try nested.weights.tensor(name, nil)?.scalars == plain.weights.tensor(name, nil)?.scalars
        #expect(isSame)
    }

    /// Puts a folder's settings into `text_config` and its tensors under a prefix, beside another part's.
    private func nest(_ folder: GoldenFolder, _ prefix: String) throws {
        let text = try folder.json("config.json"), file = try SafetensorsFile(path: folder.file("model.safetensors"))
        let outer: JSON = [
            "model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"], "text_config": text,
            "vision_config": ["hidden_size": 8],
        ]
        try folder.write(outer.text(), "config.json")
        var writer = SafetensorsWriter()
        for entry in file.entries {
            let tensor = try #require(try file.tensor(entry.name, nil))
            try writer.add(
                prefix + entry.name.dropFirst("model.".count),
                Tensor(tensor.scalars, shape: tensor.shape).stored(as: .bfloat16)
            )
        }
        try writer.add("vision_tower.embeddings.weight", Tensor([Float(1)], shape: [1]))
        try writer.write(to: folder.file("model.safetensors"))
    }

    @Test func whatGemmasConfigurationLeavesUnsaidIsTheReferencesDefault() throws {
        let folder = try GoldenFolder("gemma3")
        for key in ["sliding_window", "query_pre_attn_scalar", "max_position_embeddings", "rms_norm_eps"] {
            try folder.set([key], to: nil)
        }
        let settings = try ModelBundle.open(folder.path).settings
        #expect(try settings("sliding_window") == 4096 && settings("query_pre_attn_scalar") == 256)
        #expect(try settings("max_position_embeddings") == 131_072)
    }

    @Test func aTemplateMayStandInTheTokenizersConfiguration() throws {
        let folder = try GoldenFolder("llama")
        try folder.remove("chat_template.jinja")
        #expect(try ModelBundle.open(folder.path).template == nil)
        try folder.set(["chat_template"], to: "one", in: "tokenizer_config.json")
        #expect(try ModelBundle.open(folder.path).template == "one")
        let list: JSON = [["name": "tool_use", "template": "two"], ["name": "default", "template": "three"]]
        try folder.set(["chat_template"], to: list, in: "tokenizer_config.json")
        #expect(try ModelBundle.open(folder.path).template == "three")
    }

    @Test func aFolderMayHaveTheTokenizerOfSentencePiece() throws {
        let folder = try GoldenFolder("llama")
        try folder.remove("tokenizer.json")
        try folder.remove("tokenizer_config.json")
        let file = ProtobufMessage.unigram(["▁a", "a", "b", "▁"]).bytes
        try Data(file).write(to: folder.url.appending(path: "tokenizer.model"))
        try folder.write(#"{"<|im_end|>": 7}"#, "added_tokens.json")
        try folder.write(#"{"eos_token": "<|im_end|>"}"#, "tokenizer_config.json")
        let bundle = try ModelBundle.open(folder.path), tokenizer = try Tokenizer(bundle.tokenizer)
        #expect(tokenizer.encode("ab  a<|im_end|>") == [1, 3, 5, 3, 7] && tokenizer.eos == 7)
        let written = folder.url.deletingLastPathComponent().appending(path: "written").path
        try bundle.write(to: written)
        let again = try Tokenizer(ModelBundle.open(written).tokenizer)
        for text in ["ab  a<|im_end|>", "  b a  ", "▁", "x中", ""] {
            #expect(again.encode(text) == tokenizer.encode(text))
        }
    }

    @Test func severalTokensMayEndAnAnswer() throws {
        let folder = try GoldenFolder("llama")
        // The network has a row for 95, though the tokenizer has no token.
        try folder.set(["eos_token_id"], to: [2, 4, 95], in: "generation_config.json")
        #expect(try ModelBundle.open(folder.path).tokenizer.endOfGeneration == [2, 4])
    }
}
