import Bundles
import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing
import Text

/// What we write is, to the last byte, the folders in Tests/Golden/Bundles, from which the reference libraries computed the logits
/// beside them, and the files that llama.cpp continued. `RECORD_SNAPSHOTS=1` writes the folders, and the files into the
/// folder YUYAN_EXPORTS; then `scripts/golden.py bundles written llama_cpp` what they give.
@Suite struct WrittenBundleTests {
    static let isRecording = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil

    struct Folder: CustomTestStringConvertible, Sendable {
        let name: String
        let write: @Sendable (_ folder: String) throws -> Void
        var testDescription: String { name }
    }

    static let folders = [
        Folder(name: "llama") { try ModelBundle.open(BundleLogitsTests.golden("llama")).write(to: $0) },
        Folder(name: "qwen2") {
            try ModelBundle.open(BundleLogitsTests.golden("qwen2")).write(to: $0, shardBytes: 60_000)
        },
        Folder(name: "gemma3") { try ModelBundle.open(BundleLogitsTests.golden("gemma3")).write(to: $0) },
        Folder(name: "qwen3") { try ModelBundle.open(BundleLogitsTests.golden("qwen3")).write(to: $0) },
        Folder(name: "gpt2") { try ModelBundle.open(BundleLogitsTests.golden("gpt2")).write(to: $0) },
        Folder(name: "lora") { try adapter("lora").write(to: $0) },
        Folder(name: "dora") { try adapter("dora").write(to: $0) },
        Folder(name: "gpt2-dora") { try adapter("gpt2-dora", over: "gpt2").write(to: $0) },
    ]

    /// An adapter of the reference over the model that we wrote, with another name for its base and another scale.
    static func adapter(_ name: String, over base: String = "llama") throws -> AdapterBundle {
        var adapter = try AdapterBundle(path: BundleLogitsTests.golden(name))
        (adapter.configuration.base, adapter.configuration.alpha) = ("../written-\(base)", 10)
        adapter.fingerprint = try ModelBundle.open(BundleLogitsTests.golden(base)).fingerprint
        return adapter
    }

    @Test(arguments: folders)
    func theReferenceComputesTheSameFromWhatWeWrite(_ folder: Folder) throws {
        let files = FileManager.default, place = BundleLogitsTests.golden("written-\(folder.name)")
        if Self.isRecording {
            try? files.removeItem(atPath: place)
            return try folder.write(place)
        }
        let draft = files.temporaryDirectory.appending(path: "written-\(UUID().uuidString)")
        defer { try? files.removeItem(at: draft) }
        try folder.write(draft.path)
        let names = try files.contentsOfDirectory(atPath: place).sorted()
        #expect(try files.contentsOfDirectory(atPath: draft.path).sorted() == names)
        for name in names {
            let isSame = files.contentsEqual(atPath: draft.path + "/" + name, andPath: place + "/" + name)
            #expect(isSame, "\(name): RECORD_SNAPSHOTS=1 records it anew")
        }
        try expectAgreement(ModelBundle.open(place), folder.name)
    }

    private func expectAgreement(_ bundle: ModelBundle, _ name: String) throws {
        let golden = try Golden.safetensors("Bundles/written").tensors
        let model = try BundleLogitsTests.network(bundle, bundle.network)
        let logits = BundleLogitsTests.logits(model, try #require(golden["tokens"]).integers)
        expectClose(logits, try #require(golden["\(name).logits"]), absolute: 1.5e-2, relative: 1e-3)
        guard let text = golden["\(name).text"] else { return }
        let tokenizer = try Tokenizer(bundle.tokenizer)
        #expect(tokenizer.encode("the lazy dog") == text.integers.map(Int.init))
        let chat = try #require(try bundle.chatTemplate()).render([Message(.user, "what is the dog")])
        #expect(
            try tokenizer.encode(chat, addSpecial: false) == #require(golden["\(name).chat"]).integers.map(Int.init)
        )
    }
}

/// The same for GGUF files, which are too large to be kept: their hash says that llama.cpp saw what we write.
@Suite struct WrittenExportTests {
    struct Continuation: Decodable { let sha256: String, greedy: [Int32], text: [Int] }

    static let exports: [(model: String, type: DType)] = [
        ("llama", .float32), ("llama", .float16), ("llama", .bfloat16), ("llama", .q8_0), ("qwen2", .float32),
        ("qwen2", .q4_0), ("qwen2", .q4_1), ("gemma3", .float32), ("gemma3", .q8_0), ("lora", .float32),
        ("dora", .float32), ("gpt2", .float32), ("gpt2", .q8_0), ("qwen3", .float32),
    ]

    @Test(arguments: exports.indices)
    func llamaCppContinuesAsWeDo(index: Int) throws {
        let (model, type) = Self.exports[index], name = "\(model)-\(type.rawValue)"
        let environment = ProcessInfo.processInfo.environment
        let folder = environment["YUYAN_EXPORTS"].map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
        let isKept = WrittenBundleTests.isRecording && environment["YUYAN_EXPORTS"] != nil
        let path = folder.appending(path: isKept ? "\(name).gguf" : "\(UUID().uuidString).gguf").path
        defer { if !isKept { try? FileManager.default.removeItem(atPath: path) } }
        var bundle = try ModelBundle.open(BundleLogitsTests.golden(model))
        if model == "gemma3" { bundle.settings["query_pre_attn_scalar"] = 16 }
        try bundle.export(gguf: path, type: type)
        guard !WrittenBundleTests.isRecording else { return }
        let data = try Data(contentsOf: URL(filePath: BundleLogitsTests.golden("llama-cpp.json")))
        let golden = try #require(try JSONDecoder().decode([String: Continuation].self, from: data)[name])
        let hash = try sha256(of: Data(contentsOf: URL(filePath: path)))
        #expect(hash == golden.sha256, "RECORD_SNAPSHOTS=1 records it anew")
        let copy = try ModelBundle.open(path)
        #expect(try Tokenizer(copy.tokenizer).encode("the lazy dog") == golden.text)
        // Where two tokens are nearly as likely, rounding decides, and with it all that follows.
        let ours = try continuation(copy, golden.greedy.count, margin: type.isQuantized ? 0.5 : 0.1)
        #expect(ours == Array(golden.greedy.prefix(ours.count)))
        #expect(ours.count > 1 || type.isQuantized)
    }

    /// The likeliest tokens, up to where the second is as likely as the first within `margin`.
    private func continuation(_ bundle: ModelBundle, _ count: Int, margin: Float) throws -> [Int32] {
        let model = try BundleLogitsTests.network(bundle, bundle.network)
        let prompt = try #require(try Golden.safetensors("Models/llama.outputs").tensors["a.tokens"]).integers
        var tokens = prompt
        while tokens.count < prompt.count + count {
            let logits = Array(BundleLogitsTests.logits(model, tokens).scalars.suffix(model.vocabulary))
            let best = logits.indices.sorted { logits[$0] > logits[$1] }
            guard logits[best[0]] - logits[best[1]] > margin else { break }
            tokens.append(Int32(best[0]))
        }
        return Array(tokens.dropFirst(prompt.count))
    }
}
