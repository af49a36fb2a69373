import Bundles
import Checkpoints
import Foundation
import Tensors
import Testing
import Text

/// What GPT-2's folders have in a way of their own.
@Suite struct GPT2FolderTests {
    /// Old files have no prefix, and masks that are no weights.
    @Test func thePrefixMayBeMissing() throws {
        let folder = try GoldenFolder("gpt2"), plain = try ModelBundle.open(folder.path)
        let file = try SafetensorsFile(path: folder.file("model.safetensors"))
        var writer = SafetensorsWriter()
        for entry in file.entries {
            let tensor = try #require(try file.tensor(entry.name, nil))
            let copy = Tensor(tensor.scalars, shape: tensor.shape).stored(as: .bfloat16)
            try writer.add(String(entry.name.dropFirst("transformer.".count)), copy)
        }
        for name in ["h.0.attn.bias", "h.1.attn.masked_bias"] {
            try writer.add(name, Tensor([Float](repeating: 1, count: 16), shape: [1, 1, 4, 4]))
        }
        try writer.write(to: folder.file("model.safetensors"))
        let bare = try ModelBundle.open(folder.path)
        #expect(Set(bare.weights.entries) == Set(plain.weights.entries))
        for entry in plain.weights.entries {
            let isSame =
                try bare.weights.tensor(entry.name, nil)?.scalars == plain.weights.tensor(entry.name, nil)?.scalars
            #expect(isSame, "\(entry.name)")
        }
    }

    @Test func bothSpellingsOfSizesAreRead() throws {
        let folder = try GoldenFolder("gpt2"), plain = try ModelBundle.open(folder.path).settings
        for (own, common) in [
            ("n_embd", "hidden_size"), ("n_layer", "num_hidden_layers"), ("n_inner", "intermediate_size"),
        ] {
            let value = try folder.json("config.json")[own]
            try folder.set([own], to: nil)
            try folder.set([common], to: value)
        }
        #expect(try ModelBundle.open(folder.path).settings.values == plain.values)
    }

    @Test func whatIsLeftUnsaidIsTheReferencesDefault() throws {
        let folder = try GoldenFolder("gpt2")
        for key in ["n_positions", "n_inner", "activation_function", "layer_norm_epsilon", "scale_attn_weights"] {
            try folder.set([key], to: nil)
        }
        let settings = try ModelBundle.open(folder.path).settings
        #expect(try settings("n_positions") == 1024 && settings("layer_norm_epsilon") == 1e-5)
        #expect(try settings("activation_function") == "gelu_new" && settings("scale_attn_weights") == true)
        #expect(settings["n_inner"] == nil && settings["hidden_size"] == 64)
    }

    static let damages: [(key: String, value: JSON)] = [
        ("n_embd", 0), ("n_head", 5), ("n_layer", -1), ("n_positions", 0), ("activation_function", "relu"),
        ("add_cross_attention", true),
    ]

    @Test(arguments: damages.indices)
    func aSettingThatCannotBeIsRefusedByItsOwnName(index: Int) throws {
        let (key, value) = Self.damages[index], folder = try GoldenFolder("gpt2")
        try folder.set([key], to: value)
        let said = complaint { _ = try ModelBundle.open(folder.path) }
        #expect(said.contains(key == "n_head" ? "n_embd" : key) && said != "no error", "\(said)")
    }

    /// A file of blocks is turned once its numbers are worked out.
    @Test func aQuantisedModelIsWrittenAsFloats() throws {
        let place = try GoldenFolder(), name = "transformer.h.0.mlp.c_fc.weight"
        try ModelBundle.open(GoldenFolder.golden("gpt2").path).export(gguf: place.file("q8.gguf"), type: .q8_0)
        let blocks = try ModelBundle.open(place.file("q8.gguf"))
        #expect(try blocks.weights.tensor("transformer.wpe.weight", nil)?.dtype == .float32)
        try blocks.write(to: place.file("copy"), as: .float32)
        let written = try SafetensorsFile(path: place.file("copy/model.safetensors"))
        #expect(try written.tensor(name, nil)?.shape == [64, 96])
        let copy = try ModelBundle.open(place.file("copy"))
        #expect(try copy.weights.tensor(name, nil)?.scalars == blocks.weights.tensor(name, nil)?.scalars)
    }

    @Test func whatFilesKeepIsToldForWeightsOfOnesOwn() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("gpt2").path), name = "transformer.h.0.attn.c_attn.weight"
        let file = try SafetensorsFile(path: GoldenFolder.golden("gpt2").path + "/model.safetensors")
        let published = try #require(try bundle.published(bundle.weights))
        #expect(Set(published.entries) == Set(file.entries))
        #expect(try published.tensor(name, nil)?.scalars == file.tensor(name, nil)?.scalars)
        let llama = try ModelBundle.open(GoldenFolder.golden("llama").path)
        #expect(try llama.published(llama.weights) == nil)
    }
}

extension Tensor {
    /// The transpose, element by element.
    var transposed: Tensor {
        guard shape.count == 2 else { return self }
        let values = scalars, (rows, columns) = (shape[0], shape[1])
        return Tensor((0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] }, shape: [columns, rows])
    }
}
