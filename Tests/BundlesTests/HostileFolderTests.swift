import Bundles
import Checkpoints
import Foundation
import Tensors
import Testing
import Text

/// Folders that are wrong: each is refused, and the refusal names what is wrong.
@Suite struct HostileFolderTests {
    struct Damage: CustomTestStringConvertible, Sendable {
        let path: [String], value: JSON?, file: String, names: [String]
        var testDescription: String { "\(path.joined(separator: ".")) = \(value?.text() ?? "nothing") in \(file)" }

        init(_ path: [String], _ value: JSON?, in file: String = "config.json", names: String...) {
            (self.path, self.value, self.file, self.names) = (path, value, file, names)
        }
    }

    static let pipes = [
        ("llama", "config.json"), ("llama", "generation_config.json"), ("llama", "tokenizer.json"),
        ("llama", "tokenizer_config.json"), ("llama", "chat_template.jinja"), ("lora", "adapter_config.json"),
    ]

    /// Whoever opened a pipe would wait for somebody who writes into it.
    @Test(.timeLimit(.minutes(1)), arguments: pipes) func aPipeIsNoFile(folder: String, file: String) throws {
        let place = try GoldenFolder(folder)
        try? place.remove(file)
        #expect(mkfifo(place.file(file), 0o600) == 0)
        let said = complaint { _ = try ModelBundle.open(place.path) }
        #expect(said.contains(file) && said.contains("not a file"), "\(said)")
    }

    static let damages: [Damage] = [
        Damage(["hidden_size"], 0, names: "hidden_size"),
        Damage(["hidden_size"], -64, names: "hidden_size"),
        Damage(["hidden_size"], 1e300, names: "hidden_size"),
        Damage(["hidden_size"], "64", names: "hidden_size", "whole number"),
        Damage(["hidden_size"], nil, names: "hidden_size"),
        Damage(["num_attention_heads"], 0, names: "num_attention_heads"),
        Damage(["num_key_value_heads"], 3, names: "num_key_value_heads", "divisor"),
        Damage(["head_dim"], 15, names: "head_dim", "even"),
        Damage(["num_hidden_layers"], 1e18, names: "num_hidden_layers"),
        Damage(["vocab_size"], .integer(1 << 40), names: "vocab_size"),
        Damage(["max_position_embeddings"], 0, names: "max_position_embeddings"),
        Damage(["sliding_window"], -1, names: "sliding_window"),
        Damage(["rope_parameters", "rope_theta"], -5.0, names: "rope_theta"),
        Damage(["rms_norm_eps"], -1.0, names: "rms_norm_eps"),
        Damage(["rms_norm_eps"], 1e30, names: "rms_norm_eps"),
        Damage(["rms_norm_eps"], "small", names: "rms_norm_eps"),
        Damage(["vocab_size"], 0, names: "vocab_size"),
        Damage(["head_dim"], 0, names: "head_dim"),
        Damage(["num_attention_heads"], 7, names: "num_key_value_heads", "divisor"),
        Damage(["rope_parameters"], "default", names: "rope_parameters"),
        Damage(["rope_parameters", "rope_type"], 7, names: "rope_type"),
        Damage(["hidden_act"], "relu", names: "hidden_act", "relu"),
        Damage(["model_type"], nil, names: "model_type"),
        Damage(["model_type"], 3, names: "model_type"),
        Damage(["layer_types"], ["full_attention"], names: "layer_types"),
        Damage(["layer_types"], ["sliding_attention", "full_attention"], names: "layer_types"),
        Damage(["layer_types"], ["linear_attention", "full_attention"], names: "layer_types"),
        Damage(["quantization_config"], ["quant_method": "bitsandbytes"], names: "quantization_config.quant_method"),
        Damage(["quantization_config"], ["quant_method": "gptq"], names: "quantization_config.bits"),
        Damage(["quantization_config"], ["quant_method": "gptq", "bits": 8], names: "quantization_config.bits"),
        Damage(
            ["quantization_config"],
            ["quant_method": "awq", "bits": 4, "group_size": 0],
            names: "quantization_config.group_size"
        ),
        Damage(
            ["quantization_config"],
            ["quant_method": "awq", "bits": 4, "version": "gemv"],
            names: "quantization_config.version",
            "gemm"
        ),
        Damage(
            ["quantization_config"],
            ["quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"],
            names: "quantization_config.checkpoint_format"
        ),
        Damage(["quantization_config"], 7, names: "quantization_config"),
        Damage(["text_config"], 7, names: "text_config"),
        Damage(["text_config"], [:], names: "model_type"),
        Damage(["temperature"], "warm", in: "generation_config.json", names: "temperature"),
        Damage(["eos_token_id"], ["x"], in: "generation_config.json", names: "eos_token_id"),
        Damage(["eos_token_id"], 1_000_000_000, names: "config.json", "eos_token_id", "from 0 to 95"),
        Damage(["eos_token_id"], [2, 96], names: "config.json", "eos_token_id", "96"),
        Damage(["eos_token_id"], -1, in: "generation_config.json", names: "generation_config.json", "eos_token_id"),
        Damage(["eos_token_id"], [96], in: "generation_config.json", names: "generation_config.json", "from 0 to 95"),
        Damage(["bos_token_id"], "x", names: "config.json", "bos_token_id", "“x”", "whole number"),
        Damage(["pad_token_id"], 0.5, in: "generation_config.json", names: "generation_config.json", "pad_token_id"),
        Damage(["chunk_size"], 0, names: "config.json", "chunk_size", "from 1"),
        Damage(["moe_layer_freq"], 0, names: "config.json", "moe_layer_freq", "expected 1"),
        Damage(["moe_layer_freq"], 2, names: "moe_layer_freq", "expected 1"),
        Damage(["scale_depth"], -1, names: "config.json", "scale_depth", "above 0"),
        Damage(["scale_emb"], 0, names: "config.json", "scale_emb", "above 0"),
        Damage(["dim_model_base"], 0, names: "config.json", "dim_model_base", "from 1"),
        Damage(["eos_token"], "<nowhere>", in: "tokenizer_config.json", names: "<nowhere>"),
        Damage(["chat_template"], [["name": 7]], in: "tokenizer_config.json", names: "chat_template"),
        Damage(["model", "vocab", "!"], 7_000_000, in: "tokenizer.json", names: "id "),
        Damage(["model", "merges"], [["a", "a"]], in: "tokenizer.json", names: "a a"),
        Damage(["model"], nil, in: "tokenizer.json", names: "model"),
    ]

    @Test(arguments: damages)
    func aSettingThatCannotBeIsRefusedByName(_ damage: Damage) throws {
        let folder = try GoldenFolder("llama")
        if damage.file == "tokenizer_config.json" { try folder.remove("chat_template.jinja") }
        try folder.set(damage.path, to: damage.value, in: damage.file)
        let said = complaint {
            let bundle = try ModelBundle.open(folder.path)
            _ = try Tokenizer(bundle.tokenizer)
        }
        for name in damage.names { #expect(said.contains(name), "\(said)") }
    }

    /// Settings of other families than the golden folder's.
    static let impossible: [(type: String, key: String, value: Settings.Value)] = [
        ("deepseek_v3", "n_group", 0), ("deepseek_v3", "n_group", -1), ("deepseek_v3", "topk_group", 0),
        ("gemma2", "attn_logit_softcapping", 0), ("gemma2", "final_logit_softcapping", 0.0),
        ("gemma2", "final_logit_softcapping", -30),
    ]

    @Test(arguments: impossible) func aSettingOfAFamilyThatCannotBeIsRefusedByName(
        type: String,
        key: String,
        value: Settings.Value
    ) throws {
        var config: Settings = [
            "model_type": .string(type), "vocab_size": 96, "hidden_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 96,
        ]
        let sound = try Settings(hub: config)
        #expect(sound[key] != nil)
        config[key] = value
        #expect(complaint { _ = try Settings(hub: config) }.contains("setting \(key) is \(value)"))
    }

    @Test func nullForABoundIsNoneAndNotTheDefault() throws {
        var config: Settings = [
            "model_type": "gemma2", "vocab_size": 96, "hidden_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 96,
        ]
        #expect(try Settings(hub: config)["attn_logit_softcapping"] == 50)
        config["attn_logit_softcapping"] = .some(.null)
        let settings = try Settings(hub: config)
        #expect(settings["attn_logit_softcapping"] == .null)
        let weights: [String: Tensor] = [:]
        let said = complaint { _ = try GGUFWriter(settings: settings, weights: weights) }
        #expect(said.contains("attn_logit_softcapping is null"))
    }

    @Test func aSettingThatStandsThereTwiceIsNamed() throws {
        let folder = try GoldenFolder("llama"), text = try folder.json("config.json").text()
        try folder.write(#"{"hidden_size": 32,"# + text.dropFirst(), "config.json")
        let said = complaint { _ = try ModelBundle.open(folder.path) }
        #expect(said.contains(folder.file("config.json")) && said.contains("“hidden_size” stands in it twice"))
    }

    @Test(arguments: [
        ("config.json", "it is not JSON"), ("tokenizer.json", "it is not JSON"),
        ("generation_config.json", "it is not JSON"),
        ("model.safetensors", "header"), ("tokenizer_config.json", "it is not JSON"),
    ])
    func aFileThatIsAnythingElseIsNamed(name: String, problem: String) throws {
        let folder = try GoldenFolder("llama")
        if name == "tokenizer_config.json" { try folder.remove("chat_template.jinja") }
        try folder.write("<html>404 not found</html>", name)
        let said = complaint { _ = try ModelBundle.open(folder.path) }
        #expect(said.contains(folder.file(name)) && said.contains(problem), "\(said)")
    }

    @Test(arguments: [("tokenizer.json", "tokenizer.json"), ("model.safetensors", "model.safetensors")])
    func aMissingFileIsNamed(name: String, says: String) throws {
        let folder = try GoldenFolder("llama")
        try folder.remove(name)
        #expect(complaint { _ = try ModelBundle.open(folder.path) }.contains(says))
    }

    @Test func aTokenizersFileThatIsAnythingElseIsNamed() throws {
        let folder = try GoldenFolder("llama")
        try folder.remove("tokenizer.json")
        try folder.write("<html>404 not found</html>", "tokenizer.model")
        let said = complaint { _ = try ModelBundle.open(folder.path) }
        #expect(said.contains(folder.file("tokenizer.model")) && said.contains("fetch it again"), "\(said)")
    }

    @Test func aFamilyWhoseWordsNobodyKnowsIsNamed() throws {
        let folder = try GoldenFolder("llama")
        try folder.remove("tokenizer.json")
        try folder.write("YQ== 0\nYg== 1\n", "tokenizer.model")
        let said = complaint { _ = try ModelBundle.open(folder.path) }
        let parts = [folder.file("tokenizer.model"), "“llama”", "AutoTokenizer"]
        for part in parts { #expect(said.contains(part), "\(said)") }
        try folder.set(["model_type"], to: "glm4")
        try folder.remove("tokenizer_config.json")
        #expect(try ModelBundle.open(folder.path).tokenizer.tokens.prefix(2) == ["a", "b"])
    }

    @Test func aPickleIsNotOpened() throws {
        let folder = try GoldenFolder("llama")
        try folder.remove("model.safetensors")
        try folder.write("", "pytorch_model.bin")
        #expect(complaint { _ = try ModelBundle.open(folder.path) }.contains("pickle"))
    }

    @Test func aFolderWithoutAModelSaysWhatItLacks() throws {
        let folder = try GoldenFolder()
        #expect(throws: BundleError.noModel(path: folder.path)) { try ModelBundle.open(folder.path) }
    }

    @Test(arguments: ["F64", "F8_E4M3", "I64"]) func aTypeThatIsNotReadIsNamedWithItsTensor(type: String) throws {
        let folder = try GoldenFolder("llama"), bytes = type == "F8_E4M3" ? 2 : 16
        let header = #"{"model.norm.weight":{"dtype":"\#(type)","shape":[2],"data_offsets":[0,\#(bytes)]}}"#
        var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
        file += Data(header.utf8) + Data(count: bytes)
        try file.write(to: folder.url.appending(path: "model.safetensors"))
        let said = complaint { _ = try ModelBundle.open(folder.path) }
        for part in ["model.safetensors", "model.norm.weight is stored as \(type)", "store it as F32, F16 or BF16"] {
            #expect(said.contains(part), "\(said)")
        }
    }

    /// Opening would miss tensors, or find some that are too many; writing does not leave that to whoever opens what was written.
    static let contradictions: [(String, Settings.Value)] = [
        ("num_hidden_layers", 3), ("hidden_size", 128), ("vocab_size", 128), ("num_experts", 8),
    ]

    @Test(arguments: contradictions) func settingsThatTheWeightsContradictAreNotWritten(
        key: String,
        value: Settings.Value
    ) throws {
        var bundle = try ModelBundle.open(GoldenFolder.golden("llama").path)
        var weights = try bundle.weights.entries.reduce(into: [String: Tensor]()) {
            $0[$1.name] = try bundle.weights.tensor($1.name, nil)
        }
        weights["model.layers.0.mlp.experts.3.up_proj.weight"] = Tensor([Float(1)], shape: [1, 1])
        bundle.weights = weights
        bundle.settings["num_experts"] = 4
        bundle.settings[key] = value
        let place = try GoldenFolder(), layout = FourBitLayout(.awq)
        let writings: [() throws -> Void] = [
            { try bundle.export(gguf: place.file("model.gguf")) }, { try bundle.write(to: place.file("folder")) },
            { try bundle.write(to: place.file("words"), in: layout) },
        ]
        for write in writings { #expect(complaint(write).contains("setting \(key) is \(value); expected ")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
    }

    @Test func wholeNumbersAreNoWeights() throws {
        let folder = try GoldenFolder("llama")
        var writer = SafetensorsWriter()
        try writer.add("model.norm.weight", Tensor([Float(1), 2], shape: [2]))
        try writer.add("model.embed_tokens.weight", Tensor([Int32(1), 2], shape: [2, 1]))
        try writer.write(to: folder.file("model.safetensors"))
        #expect(complaint { _ = try ModelBundle.open(folder.path) }.contains("model.embed_tokens.weight"))
    }
}
