import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    private let tensors: [String: Tensor] = [
        "b": Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3]),
        "a.\"quoted\" 名": Tensor([0.5, -1] as [Float], shape: [2]).cast(to: .bfloat16),
        "c": Tensor([7, -8] as [Int32], shape: [2]),
        "d": Tensor([0.25, 8, 1] as [Float], shape: [3, 1]).cast(to: .float16),
        "e": Tensor([9 as Float], shape: []),
    ]

    private func written() throws -> [UInt8] {
        var writer = SafetensorsWriter(["format": "pt", "note": "\"\\/\n"])
        for (name, tensor) in tensors { try writer.add(name, tensor) }
        return try writer.bytes()
    }

    @Test func theReferencesFileIsRead() throws {
        let file = try SafetensorsFile(path: golden("reference.safetensors"))
        #expect(file.metadata == ["format": "pt", "note": "\"Ünï\" \\"])
        let half = try #require(try file.tensor("b.half", nil)), brain = try #require(try file.tensor("a.brain", nil))
        #expect(half.shape == [2, 3] && half.dtype == .float16)
        #expect(half.cast(to: .float32).scalars == [0, 0.25, 0.5, 0.75, 1, 1.25])
        #expect(brain.dtype == .bfloat16 && brain.cast(to: .float32).scalars == [-4, -3, -2, -1, 0, 1, 2, 3])
        #expect(try file.tensor("c.single", nil)?.scalars == [1.5, -2.25])
        #expect(try file.tensor("e.scalar", nil)?.scalars == [0.5])
        #expect(try file.tensor("f.empty", nil)?.shape == [0, 3])
        #expect(try file.tensor("h", nil).map(\.shape) == nil)
    }

    /// Real networks' files, against the plain reader of the tests.
    @Test(arguments: ["llama.1", "qwen2.1", "gemma3.1", "llama.outputs"])
    func filesOfNetworksAreRead(name: String) throws {
        let file = try SafetensorsFile(path: golden(name + ".safetensors", room: "Models"))
        let expected = try Golden.safetensors("Models/" + name)
        #expect(file.metadata == expected.metadata && file.tensors.count == expected.tensors.count)
        for (name, tensor) in expected.tensors {
            let found = try #require(try file.tensor(name, nil))
            #expect(
                found.dtype == tensor.dtype && found.shape == tensor.shape && found.bytes == tensor.bytes,
                "\(name)"
            )
        }
    }

    @Test func aTypeThatIsNotReadIsNamed() throws {
        let file = try SafetensorsFile(path: golden("reference.safetensors"))
        let error = #expect(throws: CheckpointError.self) { try file.tensor("g.wide", nil) }
        #expect("\(try #require(error))".contains("g.wide is stored as I64"))
    }

    @Test func whatIsWrittenIsRead() throws {
        let file = try SafetensorsFile(bytes: written(), name: "memory")
        #expect(file.metadata == ["format": "pt", "note": "\"\\/\n"])
        #expect(Set(file.tensors.map(\.name)) == Set(tensors.keys))
        for (name, tensor) in tensors {
            let found = try #require(try file.tensor(name, nil))
            #expect(found.dtype == tensor.dtype && found.shape == tensor.shape && found.bytes == tensor.bytes)
        }
    }

    @Test func theFileAppearsWholeOrNotAtAll() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "yuyan-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "model.safetensors").path
        var writer = SafetensorsWriter()
        try writer.add("a", Tensor([1, 2] as [Float], shape: [2]))
        try writer.write(to: path)
        #expect(try SafetensorsFile(path: path).tensor("a", nil)?.scalars == [1, 2])
        try writer.add("b", .float32, [1]) { throw CancellationError() }
        #expect(throws: CancellationError.self) { try writer.write(to: path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model.safetensors"])
        #expect(try SafetensorsFile(path: path).tensors.count == 1)
    }

    @Test func aQuantisedTensorIsRefused() {
        var writer = SafetensorsWriter()
        #expect(throws: CheckpointError.self) {
            try writer.add("q", Tensor(bytes: [UInt8](repeating: 0, count: 18), dtype: .q4_0, shape: [32]))
        }
    }

    /// A file cut anywhere, or with any byte of its header changed, is refused or still makes sense; never a crash.
    @Test func damageIsNoticed() throws {
        let whole = try written(), header = 8 + Int(whole[0]) + 256 * Int(whole[1])
        for count in whole.indices.dropFirst() {
            let part = Array(whole.prefix(count))
            #expect(throws: CheckpointError.self) { try SafetensorsFile(bytes: part, name: "cut") }
        }
        #expect(throws: CheckpointError.self) { try SafetensorsFile(bytes: whole + [0], name: "long") }
        var refused = 0
        for at in 0..<header {
            for mask in [UInt8(1), 0x10, 0x80] {
                var bytes = whole
                bytes[at] ^= mask
                do {
                    let file = try SafetensorsFile(bytes: bytes, name: "flipped")
                    for tensor in file.tensors { _ = try? file.tensor(tensor.name, nil)?.bytes.count }
                } catch is CheckpointError { refused += 1 }
            }
        }
        #expect(refused > header)
    }

    @Test(arguments: [
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#, "cannot lie"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, "begins at byte 4"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "take 4 bytes"),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            "begins at byte 0"
        ),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, "cannot lie"),
        (#"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#, "cannot lie"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "cannot lie"),
        (#"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, "tensor a is stored as F31"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\u0061":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            "has “a” twice"
        ),
        (#"{"a":{"dtype":"F32","shape":[2],"dtype":"I32","data_offsets":[0,8]}}"#, "has “dtype” twice"),
        (#"{"__metadata__":{"k":"v","k":"w"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "has “k” twice"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, "cannot lie"),
        (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#, "not the JSON"),
        (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, "lacks dtype"), (#"{"__metadata__":{"a":1}}"#, "not the JSON"),
        ("[]", "not the JSON"), ("{", "not the JSON"), ("", "not the JSON"), ("{\"\u{0}", "not the JSON"),
        (String(repeating: #"{"a":"#, count: 5000), "not the JSON"),
    ])
    func aLyingHeaderIsRefused(json: String, problem: String) throws {
        let length = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) }
        var bytes = length + Array(json.utf8)
        bytes += [UInt8](repeating: 0, count: 8)
        let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(bytes: bytes, name: "lie") }
        #expect("\(try #require(error))".contains(problem))
    }

    @Test(arguments: [UInt64.max, 1 << 63, 100_000_001, 9])
    func anImpossibleLengthIsRefused(length: UInt64) {
        var bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) }
        bytes += Array("{}".utf8)
        #expect(throws: CheckpointError.self) { try SafetensorsFile(bytes: bytes, name: "long") }
    }
}
