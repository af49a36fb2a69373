import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Every family of decoders that GGUF has words for, written and read again.
@Suite struct GGUFWritingTests {
    static let names = converted.filter { $0 != "baichuan2-13b" } + unconverted

    /// Settings of the tiny networks that no file can say, and such as one can.
    static let sayable: [String: (key: String, value: Settings.Value)] = [
        "deepseek-v3": (
            "rope_scaling",
            [
                "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "mscale": 0.5,
                "mscale_all_dim": 0.5, "beta_fast": 32, "beta_slow": 1,
            ]
        ),
        "gemma2": ("query_pre_attn_scalar", 16), "gemma3": ("query_pre_attn_scalar", 16),
        "gpt-oss": ("swiglu_limit", 7), "mamba2": ("time_step_limit", .null), "mistral": ("sliding_window", .null),
        "smollm3": ("no_rope_layer_interval", 4),
    ]

    private func settings(_ network: Network, _ name: String) -> Settings {
        var settings = network.settings
        if let change = Self.sayable[name] { settings[change.key] = change.value }
        return settings
    }

    @Test(arguments: names) func aWrittenNetworkIsTheSame(name: String) throws {
        let network = try Network(name), settings = settings(network, name)
        let bytes = try GGUFWriter(settings: settings, weights: network.weights).bytes()
        let file = try GGUFFile(bytes: bytes, name: name)
        let model = try Models.model(file.settings, Weights(file.weights))
        let twin = try Models.model(settings, Weights(network.weights))
        #expect(model.cacheShape == twin.cacheShape)
        for prompt in ["a", "b"] {
            let batch = Batch(tokens: network.tokens("\(prompt).tokens"), for: model.cacheShape)
            expectClose(model(batch), twin(batch), absolute: 1e-4, relative: 1e-5)
        }
    }

    /// What the reference's converter calls the tensors, where it makes no other tensors of them.
    @Test(arguments: names.filter { !["glm4", "glm4-first", "deepseek-v3"].contains($0) })
    func tensorsAreThoseOfTheReferencesConverter(name: String) throws {
        let path = Golden.folder.appending(path: "Models/\(name).gguf").path
        guard let published = try? GGUFFile(path: path) else { return #expect(Self.unconverted.contains(name)) }
        let network = try Network(name)
        let bytes = try GGUFWriter(settings: settings(network, name), weights: network.weights).bytes()
        let file = try GGUFFile(bytes: bytes, name: name)
        func shapes(_ file: GGUFFile) -> [String: [Int]] {
            let own = file.tensors.filter { !$0.name.contains("blk.2.") }
            return Dictionary(uniqueKeysWithValues: own.map { ($0.name, $0.shape) })
        }
        #expect(shapes(file) == shapes(published) && file.architecture == published.architecture)
        for (key, value) in published.metadata where key.hasPrefix(file.architecture + ".") {
            guard let own = file.metadata[key], let number = value.number, let ours = own.number else { continue }
            guard Self.sayable[name] == nil else { continue }
            #expect(abs(number - ours) <= 1e-5 * abs(number), "\(key) is \(ours), not \(number)")
        }
    }

    /// Those that the reference has converted elsewhere: see GGUFTranslationTests.
    private static let unconverted = ["gemma3", "gpt2", "llama", "qwen2", "qwen3", "skywork", "smollm3"]

    @Test(arguments: sayable.keys.sorted() + ["baichuan2-13b"])
    func aSettingThatNoFileCanSayIsRefusedByName(name: String) throws {
        let network = try Network(name)
        let error = #expect(throws: CheckpointError.self) {
            try GGUFWriter(settings: network.settings, weights: network.weights)
        }
        let key = Self.sayable[name]?.key ?? "position_embedding_type"
        #expect("\(try #require(error))".contains(key))
    }

    /// SmolLM3's layers in which nothing turns may be listed, and are those that the architecture's name says or refused.
    @Test(arguments: zip([[1, 1], [1, 0]], [true, false])) func listedStillLayersAreThoseOfTheName(
        list: [Int],
        isSaid: Bool
    ) throws {
        let network = try Network("smollm3")
        var settings = network.settings
        settings["no_rope_layers"] = .array(list.map { .integer($0) })
        guard isSaid else {
            let error = #expect(throws: CheckpointError.self) {
                try GGUFWriter(settings: settings, weights: network.weights)
            }
            return #expect("\(try #require(error))".contains("no_rope_layers"))
        }
        let bytes = try GGUFWriter(settings: settings, weights: network.weights).bytes()
        let file = try GGUFFile(bytes: bytes, name: "smollm3")
        let model = try Models.model(file.settings, Weights(file.weights))
        let twin = try Models.model(settings, Weights(network.weights))
        let batch = Batch(tokens: network.tokens("a.tokens"), for: model.cacheShape)
        expectClose(model(batch), twin(batch), absolute: 1e-4, relative: 1e-5)
    }

    /// LongRoPE's divisors are tensors, for which programs look in files of some architectures only.
    @Test(arguments: ["minicpm": true, "llama": true, "qwen2": false, "ernie45": false])
    func longDivisorsAreWrittenWhereTheyAreLookedFor(name: String, isSaid: Bool) throws {
        let network = try Network(name)
        var settings = network.settings
        let mean = try settings.positive("hidden_size") / settings.positive("num_attention_heads")
        let width = try settings.positive("head_dim", default: mean)
        let most = try settings.positive("max_position_embeddings")
        let factors = (0..<width / 2).map { Settings.Value.number(1 + Double($0) / 4) }
        settings["rope_scaling"] = [
            "rope_type": "longrope", "long_factor": .array(factors), "short_factor": .array(factors.reversed()),
            "original_max_position_embeddings": .integer(most / 4),
        ]
        guard isSaid else {
            let error = #expect(throws: CheckpointError.self) {
                try GGUFWriter(settings: settings, weights: network.weights)
            }
            return #expect("\(try #require(error))".contains("rope_scaling"))
        }
        let bytes = try GGUFWriter(settings: settings, weights: network.weights).bytes()
        let file = try GGUFFile(bytes: bytes, name: name)
        #expect(file.tensors.contains { $0.name == "rope_factors_long.weight" && $0.shape == [width / 2] })
        let model = try Models.model(file.settings, Weights(file.weights))
        let twin = try Models.model(settings, Weights(network.weights))
        let batch = Batch(tokens: network.tokens("a.tokens"), for: model.cacheShape)
        expectClose(model(batch), twin(batch), absolute: 1e-4, relative: 1e-5)
    }

    @Test(arguments: ["iflytekspark", "pangu-pro-moe", "zhinao"]) func aFamilyThatGGUFDoesNotKnowIsRefused(
        name: String
    ) throws {
        let network = try Network(name)
        let error = #expect(throws: CheckpointError.self) {
            try GGUFWriter(settings: network.settings, weights: network.weights)
        }
        #expect("\(try #require(error))".contains("model_type"))
    }

    /// Experts are rounded like any matrix, and what chooses among them is not.
    @Test(arguments: ["mixtral", "ernie45-moe", "hunyuan-moe"]) func expertsAreQuantised(name: String) throws {
        let network = try Network(name), recipe = Recipe.named("q8_0")
        let writer = try GGUFWriter(settings: network.settings, weights: network.weights, recipe: recipe)
        let file = try GGUFFile(bytes: try writer.bytes(), name: name)
        let experts = file.weights.entries.filter { $0.name.contains(".experts.") && $0.shape.last! % 32 == 0 }
        #expect(!experts.isEmpty && experts.allSatisfy { $0.dtype == .q8_0 })
        for entry in experts {
            let expected = try #require(network.weights[entry.name]).stored(as: .q8_0).scalars
            #expect(try file.weights.tensor(entry.name, nil)?.scalars == expected, "\(entry.name)")
        }
        let routers = file.tensors.filter { $0.name.contains("ffn_gate_inp") }
        #expect(!routers.isEmpty && routers.allSatisfy { $0.type == GGUFTensorType(.float32) })
    }
}
