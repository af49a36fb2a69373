import Bundles
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing
import Text

@Suite struct WritingTests {
    @Test(arguments: ["llama", "qwen2", "qwen3", "gemma3", "gpt2"])
    func whatIsWrittenAndReadIsTheSame(name: String) throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden(name).path), place = try GoldenFolder()
        try bundle.write(to: place.file("copy"))
        let copy = try ModelBundle.open(place.file("copy"))
        #expect(copy.fingerprint == bundle.fingerprint && copy.template == bundle.template)
        #expect(copy.defaults == bundle.defaults && copy.tokenizer.tokens == bundle.tokenizer.tokens)
        #expect(Set(copy.weights.entries) == Set(bundle.weights.entries))
        for entry in bundle.weights.entries {
            let isSame =
                try copy.weights.tensor(entry.name, nil)?.scalars == bundle.weights.tensor(entry.name, nil)?.scalars
            #expect(isSame, "\(entry.name)")
        }
        for (key, value) in bundle.settings.values
        where !["architectures", "dtype", "torch_dtype", "pad_token_id"].contains(key) {
            #expect(copy.settings[key] == value, "\(key)")
        }
    }

    @Test func largeWeightsAreCutIntoShards() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("llama").path), place = try GoldenFolder()
        try bundle.write(to: place.file("copy"), as: .float32, shardBytes: 60_000)
        let files = try FileManager.default.contentsOfDirectory(atPath: place.file("copy")).sorted()
        let shards = files.filter { $0.hasSuffix(".safetensors") }
        #expect(shards.first == "model-00001-of-0000\(shards.count).safetensors" && shards.count > 3)
        let copy = try ModelBundle.open(place.file("copy"))
        #expect(copy.weights.entries.map(\.name) == bundle.weights.entries.map(\.name))
        #expect(copy.weights.entries.allSatisfy { $0.dtype == .float32 })
    }

    @Test func aFolderThatIsThereIsNotOverwritten() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("llama").path), place = try GoldenFolder()
        let said = complaint { try bundle.write(to: place.path) }
        #expect(said.contains(place.path) && said.contains("there already"))
    }

    @Test func quantisedWeightsAreWrittenAsFloats() throws {
        let place = try GoldenFolder()
        try ModelBundle.open(GoldenFolder.golden("llama").path).export(gguf: place.file("q8.gguf"), type: .q8_0)
        let bundle = try ModelBundle.open(place.file("q8.gguf"))
        try bundle.write(to: place.file("copy"))
        let types = try Set(ModelBundle.open(place.file("copy")).weights.entries.map(\.dtype))
        #expect(types.contains(.bfloat16) && types.isSubset(of: [.bfloat16, .float32]), "\(types)")
        #expect(try place.json("copy/config.json")["torch_dtype"] == "bfloat16")
        try bundle.write(to: place.file("half"), as: .float16)
        #expect(try ModelBundle.open(place.file("half")).weights.entries.allSatisfy { $0.dtype == .float16 })
    }

    @Test(arguments: DType.allCases.filter(\.isQuantized)) func aFolderHasNoQuantisedWeights(dtype: DType) throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("llama").path), place = try GoldenFolder()
        let said = complaint { try bundle.write(to: place.file("copy"), as: dtype) }
        #expect(said.contains(dtype.rawValue) && said.contains("GGUF"), "\(said)")
        #expect(!FileManager.default.fileExists(atPath: place.file("copy")))
    }

    @Test func aRunFurnishesItsCheckpoint() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("llama").path), place = try GoldenFolder()
        try bundle.furnish(place.path, as: .float32)
        var writer = SafetensorsWriter()
        for entry in bundle.weights.entries {
            try writer.add(entry.name, #require(try bundle.weights.tensor(entry.name, nil)).stored(as: .float32))
        }
        try writer.write(to: place.file("model.safetensors"))
        #expect(try ModelBundle.open(place.path).fingerprint == bundle.fingerprint)
        #expect(try place.json("config.json")["torch_dtype"] == "float32")
    }
}
