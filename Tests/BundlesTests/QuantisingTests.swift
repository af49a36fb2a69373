import Bundles
import Checkpoints
import Foundation
import Tensors
import Testing
import Text

/// A network wide enough for blocks of 256, with a golden's tokenizer.
@Suite struct QuantisingTests {
    private static let width = 256, mlp = 256

    private static func wide() throws -> ModelBundle {
        var bundle = try ModelBundle.open(GoldenFolder.golden("llama").path)
        let rows: Int = try bundle.settings("vocab_size"), heads: Int = try bundle.settings("num_attention_heads")
        bundle.settings["hidden_size"] = .integer(width)
        bundle.settings["head_dim"] = .integer(width / heads)
        bundle.settings["num_key_value_heads"] = .integer(heads)
        bundle.settings["intermediate_size"] = .integer(mlp)
        bundle.settings["num_hidden_layers"] = 1
        bundle.settings["tie_word_embeddings"] = true
        let source = RandomWeights(seed: 11)
        func draw(_ name: String, _ shape: Shape) {
            _ = source.tensor(name, Initializer(shape: shape, bound: 0.1, value: 0))
        }
        draw("model.embed_tokens.weight", [rows, width])
        draw("model.norm.weight", [width])
        for layer in 0..<1 {
            for norm in ["input_layernorm", "post_attention_layernorm"] {
                draw("model.layers.\(layer).\(norm).weight", [width])
            }
            for map in ["q_proj", "k_proj", "v_proj", "o_proj"] {
                draw("model.layers.\(layer).self_attn.\(map).weight", [width, width])
            }
            for map in ["gate_proj", "up_proj"] { draw("model.layers.\(layer).mlp.\(map).weight", [mlp, width]) }
            draw("model.layers.\(layer).mlp.down_proj.weight", [width, mlp])
        }
        bundle.weights = source.tensors
        return bundle
    }

    private static func error(_ copy: ModelBundle, _ original: ModelBundle, _ name: String, _ cost: [Float]) throws
        -> Float
    {
        let a = try #require(try copy.weights.tensor(name, nil)).scalars
        let b = try #require(try original.weights.tensor(name, nil)).scalars
        var sum: Float = 0
        for index in a.indices {
            let off = a[index] - b[index]
            sum += off * off * cost[index % cost.count]
        }
        return (sum / Float(a.count)).squareRoot()
    }

    @Test(arguments: [
        ("q4_k_m", Float(0.0045)), ("q5_k_m", 0.0023), ("q6_k", 0.0012), ("q8_0", 0.0004), ("q4_0", 0.006),
    ])
    func aQuantisedModelIsReadBackWithinItsSteps(recipe: String, limit: Float) throws {
        let bundle = try Self.wide(), place = try GoldenFolder(), recipe = Recipe.named(recipe)
        let writer = try bundle.ggufWriter(recipe: recipe, name: "wide")
        var told = 0
        try writer.write(to: place.file("m.gguf")) { told = $0 }
        let bytes = try FileManager.default.attributesOfItem(atPath: place.file("m.gguf"))[.size] as? Int
        #expect(bytes == writer.byteCount && told == writer.byteCount)
        let copy = try ModelBundle.open(place.file("m.gguf")), file = try GGUFFile(path: place.file("m.gguf"))
        #expect(copy.fingerprint == bundle.fingerprint && file.metadata["general.name"]?.text == "wide")
        let types = Dictionary(uniqueKeysWithValues: writer.plan.map { ($0.name, $0.stored) })
        for tensor in file.tensors { #expect(types[tensor.name] == tensor.type.dtype) }
        let even = [Float](repeating: 1, count: 256)
        for entry in bundle.weights.entries {
            let error = try Self.error(copy, bundle, entry.name, even)
            #expect(error <= (entry.shape.count == 1 ? 0 : limit), "\(entry.name) \(error)")
        }
    }

    @Test(arguments: ["q4_k_m", "q5_k_m", "q4_0", "q4_1"])
    func importanceLessensTheErrorThatItWeighs(recipe: String) throws {
        let bundle = try Self.wide(), place = try GoldenFolder(), map = "model.layers.0.mlp.down_proj"
        let squares = (0..<Self.mlp).map { Float($0 % 17 * ($0 % 17)) + 0.01 }
        let importance = Importance(maps: [map: .init(squares: squares, rows: 1)])
        let cost = try #require(try importance.weights(of: map + ".weight", width: Self.mlp))
        var errors: [Float] = []
        for (name, importance) in [("plain.gguf", nil), ("weighed.gguf", importance)] {
            try bundle.ggufWriter(recipe: Recipe.named(recipe), importance: importance).write(to: place.file(name))
            errors.append(try Self.error(ModelBundle.open(place.file(name)), bundle, map + ".weight", cost))
        }
        #expect(errors[1] < 0.97 * errors[0], "\(errors)")
    }

    /// A folder of 4-bit words is read, written again and exported, with the same values each time.
    @Test(arguments: FourBitLayout.Method.allCases)
    func foldersOfFourBitWordsKeepTheirValues(method: FourBitLayout.Method) throws {
        let bundle = try Self.wide(), place = try GoldenFolder(), layout = FourBitLayout(method)
        try bundle.write(to: place.file("a"), in: layout)
        let first = try ModelBundle.open(place.file("a"))
        #expect(first.settings["quantization_config"] == nil && first.fingerprint == bundle.fingerprint)
        #expect(Set(first.weights.entries.map(\.name)) == Set(bundle.weights.entries.map(\.name)))
        let types = Dictionary(grouping: first.weights.entries, by: \.dtype).mapValues(\.count)
        #expect(types == [.q5_0: 7, .float16: 4])
        try first.write(to: place.file("b"), in: layout)
        try first.export(gguf: place.file("c.gguf"))
        try first.write(to: place.file("d"), as: .float32)
        let even = [Float](repeating: 1, count: 256)
        for name in ["b", "c.gguf", "d"] {
            let copy = try ModelBundle.open(place.file(name))
            for entry in first.weights.entries {
                #expect(try Self.error(copy, first, entry.name, even) == 0, "\(entry)")
            }
        }
        for entry in bundle.weights.entries where entry.shape.count == 2 {
            #expect(try Self.error(first, bundle, entry.name, even) < 0.006, "\(entry)")
        }
        let config = try String(contentsOfFile: place.file("a/config.json"), encoding: .utf8)
        #expect(config.contains("\"quant_method\": \"\(method.rawValue)\"") && config.contains("\"group_size\": 128"))
    }

    @Test func turnedMatricesHaveNoFourBitWords() throws {
        let place = try GoldenFolder()
        let text = complaint {
            try ModelBundle.open(GoldenFolder.golden("gpt2").path).write(to: place.file("a"), in: FourBitLayout(.awq))
        }
        #expect(text.contains("turn their matrices"))
        let folder = try GoldenFolder("gpt2")
        try folder.set(["quantization_config"], to: ["quant_method": "gptq", "bits": 4])
        #expect(complaint { _ = try ModelBundle.open(folder.path) }.contains("quantization_config"))
    }

    @Test func anotherModelsImportanceIsRefused() throws {
        let importance = Importance(maps: ["model.layers.0.mlp.down_proj": .init(squares: [1, 2], rows: 1)])
        let text = complaint {
            _ = try Self.wide().ggufWriter(recipe: Recipe.named("q4_k_m"), importance: importance)
        }
        #expect(text.contains("down_proj") && text.contains("another model"))
    }

    @Test func nothingIsLeftOfAWritingThatWasStopped() throws {
        struct Enough: Error {}
        let place = try GoldenFolder(), writer = try Self.wide().ggufWriter(recipe: Recipe.named("q4_k_m"))
        #expect(throws: Enough.self) {
            try writer.write(to: place.file("m.gguf")) { if $0 > 100_000 { throw Enough() } }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [])
    }
}
