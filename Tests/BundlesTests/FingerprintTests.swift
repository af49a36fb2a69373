import Bundles
import Checkpoints
import Foundation
import Tensors
import Testing
import Text

@Suite struct FingerprintTests {
    /// A folder that we wrote, so that it says what its weights expect.
    private func written() throws -> GoldenFolder {
        let place = try GoldenFolder()
        try place.remove("")
        try ModelBundle.open(GoldenFolder.golden("llama").path).write(to: place.path)
        return place
    }

    @Test func itIsTheSameInEveryFormat() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("llama").path), place = try GoldenFolder()
        try bundle.export(gguf: place.file("m.gguf"), type: .bfloat16)
        try bundle.write(to: place.file("folder"))
        let file = try GGUFFile(path: place.file("m.gguf"))
        let weights = try SafetensorsFile(path: place.file("folder/model.safetensors"))
        let text = bundle.fingerprint.description
        #expect(file.metadata["yuyan.fingerprint"]?.text == text && weights.metadata["yuyan.fingerprint"] == text)
        #expect(try ModelBundle(file).fingerprint == bundle.fingerprint)
        #expect(Fingerprint(text) == bundle.fingerprint && Fingerprint("sha256:abc") == nil)
        #expect(bundle.fingerprint.tokenizer.count == 64 && bundle.fingerprint.template.count == 64)
    }

    @Test func anEditedTemplateIsRefusedUnlessAsked() throws {
        let folder = try written()
        try folder.write("{{ messages[0].content }}", "chat_template.jinja")
        #expect(throws: BundleError.changed(path: folder.path, differing: ["chat template"])) {
            try ModelBundle.open(folder.path)
        }
        let said = complaint { _ = try ModelBundle.open(folder.path) }
        #expect(said.contains("--ignore-fingerprint"))
        #expect(try ModelBundle.open(folder.path, check: .ignored).template == "{{ messages[0].content }}")
    }

    static let edits: [(path: [String], value: JSON?, file: String)] = [
        (["bos_token"], "</s>", "tokenizer_config.json"), (["add_bos_token"], true, "tokenizer_config.json"),
        (["model", "ignore_merges"], nil, "tokenizer.json"), (["model", "merges"], [], "tokenizer.json"),
        (["added_tokens"], [], "tokenizer.json"),
    ]

    @Test(arguments: edits.indices)
    func anEditedTokenizerIsRefused(index: Int) throws {
        let folder = try written(), (path, value, file) = Self.edits[index]
        try folder.set(path, to: value, in: file)
        let isHarmless = path.last == "ignore_merges"  // which was false
        let said = complaint { _ = try ModelBundle.open(folder.path) }
        #expect(isHarmless ? said == "no error" : said.contains("the tokenizer of"), "\(said)")
    }

    @Test func anEditedFileIsRefusedToo() throws {
        let place = try GoldenFolder()
        try ModelBundle.open(GoldenFolder.golden("llama").path).export(gguf: place.file("m.gguf"), type: .bfloat16)
        let file = try GGUFFile(path: place.file("m.gguf"))
        var writer = GGUFWriter(file.metadata)
        writer.metadata["tokenizer.chat_template"] = .string("other")
        writer.metadata["tokenizer.ggml.bos_token_id"] = .uint32(3)
        for tensor in file.tensors { writer.add(tensor.name, try file.stored(tensor)) }
        try writer.write(to: place.file("edited.gguf"))
        let path = place.file("edited.gguf")
        #expect(throws: BundleError.changed(path: path, differing: ["tokenizer", "chat template"])) {
            try ModelBundle.open(path)
        }
        #expect(try ModelBundle.open(path, check: .ignored).tokenizer.bos == 3)
    }

    @Test func whatIsNoFingerprintIsRefused() throws {
        let folder = try written()
        try folder.set(["yuyan_fingerprint"], to: "abc")
        #expect(complaint { _ = try ModelBundle.open(folder.path) }.contains("yuyan.fingerprint"))
    }
}
