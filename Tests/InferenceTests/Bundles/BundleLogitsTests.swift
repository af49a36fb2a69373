import Bundles
import Checkpoints
import Foundation
import Inference
import Models
import Tensors
import TestSupport
import Testing
import Text

/// Networks opened from folders and files compute what the reference libraries compute.
@Suite struct BundleLogitsTests {
    static func golden(_ name: String) -> String { Golden.folder.appending(path: "Bundles/\(name)").path }

    /// The network's weights in float32, so that goldens of float32 can be compared.
    static func network(_ bundle: ModelBundle, _ weights: any WeightSource) throws -> any LanguageModel {
        try Models.model(bundle.settings, Weights(Exact(source: weights)))
    }

    struct Exact: WeightSource {
        let source: any WeightSource

        func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
            try source.tensor(name, fresh).map { Tensor($0.scalars, shape: $0.shape) }
        }
    }

    static func logits(_ model: any LanguageModel, _ tokens: [Int32]) -> Tensor {
        model(Batch(tokens: tokens, for: model.cacheShape))
    }

    @Test(arguments: ["llama", "qwen2", "qwen3", "gemma3", "gpt2"])
    func aFolderOfTheReferenceGivesItsLogits(name: String) throws {
        let bundle = try ModelBundle.open(Self.golden(name)),
            outputs = try Golden.safetensors("Models/\(name).outputs").tensors
        let model = try Self.network(bundle, bundle.network)
        // Keys and values are kept as halves: 11 bits, where the reference has 24.
        let found = Self.logits(model, try #require(outputs["a.tokens"]).integers)
        expectClose(found, try #require(outputs["a.logits"]), absolute: 1.5e-2, relative: 1e-3)
    }

    @Test(arguments: ["lora", "rslora", "dora", "gpt2-dora"], [false, true])
    func anAdapterGivesTheReferencesLogits(name: String, isMerged: Bool) throws {
        let bundle = try ModelBundle.open(Self.golden(name)),
            golden = try Golden.safetensors("Bundles/adapters").tensors
        let model = try Self.network(bundle, isMerged ? bundle.merged : bundle.network)
        let found = Self.logits(model, try #require(golden["tokens"]).integers)
        expectClose(found, try #require(golden["\(name).logits"]), absolute: 1.5e-2, relative: 1e-3)
    }

    @Test(arguments: ["llama", "qwen2", "qwen3", "gemma3", "gpt2", "lora", "gpt2-dora"])
    func anExportOfFloatsGivesTheSameLogitsToTheBit(name: String) throws {
        var bundle = try ModelBundle.open(Self.golden(name))
        if name == "gemma3" { bundle.settings["query_pre_attn_scalar"] = 16 }
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).gguf").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try bundle.export(gguf: path, type: .float32)
        let copy = try ModelBundle.open(path), tokens = (0..<24).map { Int32($0 * 5 % 96) }
        let expected = Self.logits(try Self.network(bundle, bundle.merged), tokens).scalars
        #expect(Self.logits(try Self.network(copy, copy.network), tokens).scalars == expected)
    }

    @Test(arguments: ["lora", "dora"]) func anAdapterIsServedOverAQuantisedBase(name: String) throws {
        let place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let path = place.appending(path: "base.gguf").path
        try ModelBundle.open(Self.golden("llama")).export(gguf: path, type: .q8_0)
        var bundle = try ModelBundle.open(path)
        let plain = try ServedModel.open(bundle, name: "plain"), tokens = (0..<24).map { Int32($0 * 5 % 96) }
        try bundle.adapt(with: AdapterBundle(path: Self.golden(name)))
        let isQuantised = try bundle.network.tensor("model.layers.0.self_attn.q_proj.weight", nil)?.dtype == .q8_0
        #expect(isQuantised)
        let adapted = try ServedModel.open(bundle, name: "adapted")
        let expected = Self.logits(try Self.network(bundle, bundle.merged), tokens)
        let found = Self.logits(adapted.model, tokens)
        expectClose(found, expected, absolute: 0.4, relative: 1e-2)  // its rows are rounded to bytes
        #expect(found.scalars != Self.logits(plain.model, tokens).scalars)
    }

    @Test func aFolderIsServed() async throws {
        let served = try ServedModel.open(path: Self.golden("llama"), name: "tiny")
        #expect(served.defaults.topK == 20 && served.defaults.repetitionPenalty == 1.05)
        #expect(try served.template?.render([Message(.user, "hi")]) == "<|user|>hi</s><|assistant|>")
        let request = GenerationRequest(prompt: served.tokenizer.encode("the dog"), sampling: .greedy, maxTokens: 4)
        let answer = try await Engine(served).generate(request).collect()
        #expect(answer.usage.completionTokens > 0)
    }

    @Test func adaptersAreServedFromTheirFolders() throws {
        for name in ["lora", "dora", "gpt2-dora"] {
            let served = try ServedModel.open(path: Self.golden(name), name: name)
            #expect(served.model.vocabulary == 96)
        }
    }
}
