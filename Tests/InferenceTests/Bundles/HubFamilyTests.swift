import Bundles
import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing
import Text

/// Every architecture, opened from a folder as the Hub has it: config.json and safetensors under the names of its own.
@Suite struct HubFamilyTests {
    /// One has no folder: its experts are one by one, and in the Hub's folders together.
    static let names = Golden.networks().filter { $0 != "gpt-oss" }

    /// A folder whose weights are the golden files themselves.
    private static func folder(_ name: String) throws -> URL {
        let place = FileManager.default.temporaryDirectory.appending(path: "hub-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let golden = Golden.folder.appending(path: "Models"), (_, metadata) = try Golden.safetensors("Models/\(name)")
        let parts = [name, name + ".1", name + ".2", name + ".3"].map { $0 + ".safetensors" }
            .filter { FileManager.default.fileExists(atPath: golden.appending(path: $0).path) }
        var map: [(String, JSON)] = []
        for part in parts {
            try FileManager.default.copyItem(at: golden.appending(path: part), to: place.appending(path: part))
            let file = try SafetensorsFile(path: golden.appending(path: part).path)
            map += file.tensors.map { ($0.name, .string(part)) }
        }
        let index: JSON = ["metadata": [:], "weight_map": .object(OrderedObject(map))]
        try Data(index.text().utf8).write(to: place.appending(path: "model.safetensors.index.json"))
        try Data(metadata["config", default: ""].utf8).write(to: place.appending(path: "config.json"))
        let tokenizer = Golden.folder.appending(path: "Bundles/llama/tokenizer.json")
        try FileManager.default.copyItem(at: tokenizer, to: place.appending(path: "tokenizer.json"))
        return place
    }

    @Test(arguments: names) func logitsAgreeWithTheReferenceLibrary(name: String) throws {
        let place = try Self.folder(name)
        defer { try? FileManager.default.removeItem(at: place) }
        let bundle = try ModelBundle.open(place.path),
            outputs = try Golden.safetensors("Models/\(name).outputs").tensors
        let model = try Models.model(bundle.settings, Weights(Packed(bundle.network)))
        // Four-bit experts are multiplied with bytes.
        let isRounded = bundle.weights.entries.contains { $0.dtype.isQuantized }
        expectLogits(of: model, outputs, absolute: isRounded ? 0.15 : 1.5e-2)
        guard isRounded else { return }
        let floats = try bundle.weights.entries.map { entry in
            let tensor = try #require(try bundle.weights.tensor(entry.name, nil))
            return (entry.name, entry.dtype.isQuantized ? tensor.stored(as: .float32) : tensor)
        }
        let exact = try Models.model(bundle.settings, Weights(Dictionary(uniqueKeysWithValues: floats)))
        expectLogits(of: exact, outputs, absolute: 1.5e-2)
    }

    /// A folder that we write of one that was published opens as the same network.
    @Test(arguments: ["chatglm", "gpt-oss-mxfp4", "smollm3"]) func whatIsWrittenIsTheSameNetwork(name: String) throws {
        let place = try Self.folder(name)
        defer { try? FileManager.default.removeItem(at: place) }
        let bundle = try ModelBundle.open(place.path), written = place.appending(path: "written").path
        try bundle.write(to: written)
        let copy = try ModelBundle.open(written)
        #expect(Set(copy.weights.entries.map(\.name)) == Set(bundle.weights.entries.map(\.name)))
        // As floats, for some machines multiply what is stored in halves with rounded rows.
        var floats: [String: Tensor] = [:]
        for entry in bundle.weights.entries {
            let found = try #require(try copy.weights.tensor(entry.name, nil))
            #expect(try found.scalars == bundle.weights.tensor(entry.name, nil)?.scalars, "\(entry.name)")
            floats[entry.name] = Tensor(found.scalars, shape: found.shape)
        }
        let model = try Models.model(copy.settings, Weights(floats))
        expectLogits(of: model, try Golden.safetensors("Models/\(name).outputs").tensors, absolute: 1.5e-2)
    }

    private func expectLogits(of model: any LanguageModel, _ outputs: [String: Tensor], absolute: Float) {
        for prompt in ["a", "b"] {
            let logits = model(Batch(tokens: outputs["\(prompt).tokens"]!.integers, for: model.cacheShape))
            expectClose(logits, outputs["\(prompt).logits"]!, absolute: absolute, relative: 1e-3)
        }
    }
}
