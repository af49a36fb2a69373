import Checkpoints
import Foundation
import Tensors
import Testing

@Suite struct GGUFWriterTests {
    @Test(
        arguments: ["tiny-llama.gguf", "tiny-qwen2.gguf", "tiny-gemma3.gguf", "tiny-gpt2.gguf", "tiny-qwen3.gguf"]
    )
    func whatIsReadAndWrittenIsTheSameFile(name: String) throws {
        let file = try GGUFFile(path: golden(name))
        var writer = GGUFWriter(file.metadata)
        for tensor in file.tensors { writer.add(tensor.name, try file.stored(tensor)) }
        let isSame = try writer.bytes() == goldenBytes(name)
        #expect(isSame)
    }

    @Test func everyKindOfValueSurvives() throws {
        let file = try GGUFFile(path: golden("types.gguf"))
        var metadata = file.metadata
        metadata["more.strings"] = .array(GGUFArray(["", "雨燕"]))
        metadata["more.integers"] = .array(GGUFArray([Int32.min, 7]))
        metadata["more.floats"] = .array(GGUFArray([Float(0.1), .infinity]))
        metadata["more.flags"] = .array(GGUFArray([true, false]))
        metadata["more.nested"] = .array(.arrays([GGUFArray(["a"]), GGUFArray([Int32(1), 2])]))
        let copy = try GGUFFile(bytes: GGUFWriter(metadata).bytes(), name: "copy")
        #expect(copy.metadata.map { "\($0.key) \($0.value)" } == metadata.map { "\($0.key) \($0.value)" })
        #expect(copy.metadata["more.nested"].map { "\($0)" } == "[[“a”], [1, 2]]")
        #expect(copy.alignment == 64)
    }

    @Test func aFileAppearsWholeOrNotAtAll() throws {
        struct Interruption: Error {}
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).gguf").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var writer = GGUFWriter()
        writer.add("a", Tensor([1.0, 2.0], shape: [2]))
        try writer.write(to: path)
        writer.add("b", .float32, [2]) { throw Interruption() }
        #expect(throws: Interruption.self) { try writer.write(to: path) }
        #expect(try GGUFFile(path: path).tensors.map(\.name) == ["a"])
        #expect(!FileManager.default.fileExists(atPath: path + ".writing"))
    }

    @Test func aFolderThatIsNotThereIsNamed() {
        let error = CheckpointError.unwritable(file: "/nowhere/a.gguf", reason: "no such file or directory")
        #expect(throws: error) { try GGUFWriter().write(to: "/nowhere/a.gguf") }
    }

    @Test func metadataKeepsItsOrder() {
        var metadata: GGUFMetadata = ["a": .bool(true), "b": .uint8(1), "c": .uint8(2)]
        metadata["b"] = nil
        metadata["d"] = .uint8(3)
        metadata["a"] = .uint8(9)
        #expect(metadata.map(\.key) == ["a", "c", "d"])
        #expect(metadata["a"]?.integer == 9 && metadata["b"] == nil && metadata["d"]?.integer == 3)
    }
}
