import Bundles
import Checkpoints
import Foundation
import Tensors
import Testing
import Text

@Suite struct ExportTests {
    /// Gemma's golden scales its queries in a way that GGUF has no key for.
    static func exportable(_ name: String) throws -> ModelBundle {
        var bundle = try ModelBundle.open(GoldenFolder.golden(name).path)
        if name == "gemma3" { bundle.settings["query_pre_attn_scalar"] = 16 }
        return bundle
    }

    @Test(arguments: ["llama", "qwen2", "qwen3", "gemma3", "gpt2"])
    func floatsComeBackToTheBit(name: String) throws {
        let bundle = try Self.exportable(name), place = try GoldenFolder()
        try bundle.export(gguf: place.file("model.gguf"), type: .float32, name: "tiny")
        let file = try GGUFFile(path: place.file("model.gguf")), copy = try ModelBundle(file)
        #expect(file.metadata["general.name"]?.text == "tiny" && file.metadata["general.file_type"]?.integer == 0)
        #expect(Set(copy.weights.entries.map(\.name)) == Set(bundle.weights.entries.map(\.name)))
        for entry in bundle.weights.entries {
            let isSame =
                try copy.weights.tensor(entry.name, nil)?.scalars == bundle.weights.tensor(entry.name, nil)?.scalars
            #expect(isSame, "\(entry.name)")
        }
        #expect(copy.fingerprint == bundle.fingerprint && copy.template == bundle.template)
        #expect(copy.defaults == bundle.defaults && copy.tokenizer.kinds == bundle.tokenizer.kinds)
        let ids = try [bundle, copy].map { try Tokenizer($0.tokenizer).encode("the lazy dog wants to say <|user|>!") }
        #expect(ids[0] == ids[1])
    }

    @Test(arguments: [DType.float16, .bfloat16, .q8_0, .q5_1, .q5_0, .q4_1, .q4_0])
    func matricesAreStoredAsAskedAndVectorsAsFloats(type: DType) throws {
        let bundle = try Self.exportable("llama"), place = try GoldenFolder()
        try bundle.export(gguf: place.file("model.gguf"), type: type)
        let copy = try ModelBundle.open(place.file("model.gguf"))
        for entry in copy.weights.entries { #expect(entry.dtype == (entry.shape.count == 1 ? .float32 : type)) }
        let name = "model.layers.1.self_attn.q_proj.weight"
        let stored = try #require(try bundle.weights.tensor(name, nil)).stored(as: type).scalars
        #expect(try copy.weights.tensor(name, nil)?.scalars == stored)
    }

    @Test func aFileIsCopiedWithoutRounding() throws {
        let place = try GoldenFolder()
        try Self.exportable("qwen2").export(gguf: place.file("a.gguf"), type: .q4_0)
        try ModelBundle.open(place.file("a.gguf")).export(gguf: place.file("b.gguf"))
        let (a, b) = (try ModelBundle.open(place.file("a.gguf")), try ModelBundle.open(place.file("b.gguf")))
        for entry in a.weights.entries {
            let isSame = try a.weights.tensor(entry.name, nil)?.scalars == b.weights.tensor(entry.name, nil)?.scalars
            #expect(isSame, "\(entry.name)")
        }
    }

    static let inexpressible: [(key: String, value: Settings.Value, model: String)] = [
        ("query_pre_attn_scalar", 24, "gemma3"), ("sliding_window_pattern", 5, "gemma3"),
        ("rope_local_base_freq", 5000.0, "gemma3"), ("model_type", "zhinao", "llama"),
        ("sliding_window", 4, "llama"), ("activation_function", "gelu", "gpt2"), ("scale_attn_weights", false, "gpt2"),
        ("scale_attn_by_inverse_layer_idx", true, "gpt2"),
    ]

    @Test(arguments: inexpressible.indices)
    func aSettingThatGGUFCannotSayIsRefusedByName(index: Int) throws {
        let (key, value, model) = Self.inexpressible[index], place = try GoldenFolder()
        var bundle = try Self.exportable(model)
        bundle.settings[key] = value
        #expect(complaint { try bundle.export(gguf: place.file("model.gguf")) }.contains(key))
    }

    @Test func aUnigramTokenizerWithBytesIsRefusedBeforeAnythingIsLearnt() throws {
        let place = try GoldenFolder()
        var bundle = try Self.exportable("llama")
        #expect(bundle.ggufProblem == nil)
        bundle.tokenizer.kind = .unigram(.init())
        bundle.tokenizer.kinds = bundle.tokenizer.tokens.indices.map { $0 > 0 ? .byte : .normal }
        let problem = try #require(bundle.ggufProblem)
        #expect(problem.contains("type bpe") && problem.contains("in bytes"))
        #expect(complaint { try bundle.export(gguf: place.file("model.gguf")) } == problem)
    }

    @Test func llama3sScalingGoesThereAndBack() throws {
        let place = try GoldenFolder()
        var bundle = try Self.exportable("llama")
        bundle.settings["rope_scaling"] = [
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        ]
        try bundle.export(gguf: place.file("model.gguf"), type: .bfloat16)
        let copy = try ModelBundle.open(place.file("model.gguf"))
        try copy.write(to: place.file("folder"))
        #expect(try ModelBundle.open(place.file("folder")).settings["rope_scaling"] == bundle.settings["rope_scaling"])
    }

    @Test func valuesThatATypeCannotHoldAreRefused() throws {
        let place = try GoldenFolder(), name = "model.layers.0.mlp.up_proj.weight"
        var bundle = try Self.exportable("llama")
        for (value, type) in [(Float(1e6), DType.float16), (.nan, .q8_0), (.infinity, .q4_0)] {
            var tensors = try Dictionary(
                uniqueKeysWithValues: bundle.weights.entries.map {
                    ($0.name, try #require(try bundle.weights.tensor($0.name, nil)))
                }
            )
            var values = try #require(tensors[name]).scalars
            values[5] = value
            tensors[name] = Tensor(values, shape: try #require(tensors[name]).shape)
            bundle.weights = tensors
            #expect(complaint { try bundle.export(gguf: place.file("model.gguf"), type: type) }.contains(name))
        }
    }

    @Test func aTypeThatIsOnlyReadIsRefused() throws {
        let place = try GoldenFolder()
        #expect(
            complaint { try Self.exportable("llama").export(gguf: place.file("m.gguf"), type: .int32) }.contains(
                "int32"
            )
        )
    }
}
