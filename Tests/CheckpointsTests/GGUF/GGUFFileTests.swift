import Checkpoints
import Foundation
import Tensors
import Testing

@Suite struct GGUFFileTests {
    let file: GGUFFile

    init() throws { file = try GGUFFile(path: golden("types.gguf")) }

    @Test func readsScalarsOfEveryType() {
        let metadata = file.metadata
        #expect(metadata["value.uint8"]?.integer == 255)
        #expect(metadata["value.int8"]?.integer == -128)
        #expect(metadata["value.uint16"]?.integer == 65_535)
        #expect(metadata["value.int16"]?.integer == -32_768)
        #expect(metadata["value.uint32"]?.integer == 4_294_967_295)
        #expect(metadata["value.int32"]?.integer == -2_147_483_648)
        #expect(metadata["value.uint64"]?.integer == nil)
        #expect(metadata["value.uint64"]?.number == 0x1p64)
        #expect(metadata["value.int64"]?.integer == .min)
        #expect(metadata["value.float32"]?.number == Double(Float(0.1)))
        #expect(metadata["value.float64"]?.number == 0.1)
        #expect(metadata["value.bool"]?.flag == true)
        #expect(metadata["value.string"]?.text == "雨燕 🐦")
    }

    @Test func readsArraysAsViews() {
        let metadata = file.metadata
        #expect(metadata["array.strings"]?.strings.map(Array.init) == ["a", "", "语言", "\0b"])
        #expect(metadata["array.strings"]?.strings?.bytes(at: 2) == Array("语言".utf8))
        #expect(metadata["array.int32"]?.numbers?.integers == [1, -2, 3])
        #expect(metadata["array.float32"]?.numbers?.floats == [0.5, -1.5])
        #expect(metadata["array.float32"]?.numbers?.integers == nil)
        #expect(metadata["array.bool"]?.numbers?.map(\.flag) == [true, false])
    }

    @Test func keepsTheOrderOfTheFile() {
        #expect(file.metadata.first?.key == "general.architecture")
        #expect(file.tensors.first?.name == "f32")
        #expect(file.alignment == 64)
        #expect(file.version == 3)
    }

    @Test func shapesAreOutermostFirst() throws {
        #expect(file.tensors.first { $0.name == "cube" }?.shape == [2, 3, 4])
        let cube = try Weights(file.weights).tensor("cube", [2, 3, 4])
        #expect(cube.withFloats { Array($0) } == (0..<24).map(Float.init))
        #expect(try Weights(file.weights).tensor("i32", [2, 3]).dtype == .int32)
    }

    @Test(arguments: DType.allCases.filter { $0 != .int32 })
    func everyTypeIsTheReferences(dtype: DType) throws {
        let name = dtype.rawValue.replacing("float", with: "f").replacing("bff", with: "bf").replacing(
            "bfloat",
            with: "bf"
        )
        let tensor = try Weights(file.weights).tensor(name.lowercased(), [2, 256])
        #expect(tensor.dtype == dtype)
    }

    @Test(arguments: ["iq2_xxs", "tq1_0", "f64"])
    func whatCannotBeComputedWithIsRefusedByNameWhenUsed(name: String) {
        let error = #expect(throws: CheckpointError.self) { try file.weights.tensor(name, nil) }
        #expect(error.map { "\($0)" }?.contains("\(name) is stored as \(name.uppercased())") == true)
    }

    @Test func theSameBytesReadTheSameFromMemory() throws {
        let copy = try GGUFFile(bytes: goldenBytes("types.gguf"), name: "copy")
        #expect(copy.tensors == file.tensors)
        #expect(try copy.weights.tensor("q6_k", nil)?.bytes == file.weights.tensor("q6_k", nil)?.bytes)
    }

    @Test func tensorsOutliveTheFile() throws {
        let tensor = try GGUFFile(path: golden("types.gguf")).weights.tensor("cube", nil)
        #expect(tensor?.withFloats { $0[23] } == 23)
    }

    @Test func aPipeIsNoFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "pipe-\(UUID().uuidString)").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(throws: CheckpointError.unreadable(file: path, reason: "it is not a file")) { try GGUFFile(path: path) }
    }

    @Test(arguments: [("/nowhere/at/all.gguf", "no such file or directory"), (golden(""), "it is not a file")])
    func whatCannotBeOpenedSaysWhy(path: String, reason: String) {
        #expect(throws: CheckpointError.unreadable(file: path, reason: reason)) { try GGUFFile(path: path) }
    }
}
