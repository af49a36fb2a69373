import Checkpoints
import Foundation
import Tensors
import Testing

@Suite struct SafetensorsShardsTests {
    /// Three tensors in shards of two and one.
    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shards-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var writer = SafetensorsShardsWriter(shardBytes: 16)
        for name in ["a", "b", "c"] {
            writer.add(WeightEntry(name, .float32, [2])) { Tensor([Float(1), 2], shape: [2]) }
        }
        try writer.write(to: folder.path)
        return folder
    }

    private func index(_ folder: URL) -> String { folder.appending(path: "model.safetensors.index.json").path }

    @Test func whatIsWrittenInShardsIsReadAsOne() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let shards = try SafetensorsShards(index: index(folder))
        #expect(shards.files.map(\.tensors.count) == [2, 1] && shards.entries.map(\.name) == ["a", "b", "c"])
        #expect(try shards.tensor("c", nil)?.scalars == [1, 2] && shards.tensor("d", nil) == nil)
    }

    static let first = "model-00001-of-00002.safetensors", second = "model-00002-of-00002.safetensors"

    static let lies: [(index: String, says: String)] = [
        (#"{"weight_map": {"a": "\#(first)", "b": "\#(first)", "c": "model-00003.safetensors"}}"#, "model-00003"),
        (#"{"weight_map": {"a": "../\#(first)"}}"#, "../"), (#"{"weight_map": {"a": "/etc/passwd"}}"#, "/etc/passwd"),
        (#"{"weight_map": {"a": "..", "b": ""}}"#, "not the name"), (#"{"weight_map": {"a": ".a.safetensors"}}"#, ".a"),
        (#"{"weight_map": {}}"#, "empty"), ("{}", "weight_map"), ("[]", "weight_map"), ("{", "weight_map"),
        (#"{"weight_map": {"a": 7}}"#, "weight_map"),
        (#"{"weight_map": {"a": "\#(first)", "c": "\#(second)"}}"#, "tensor b"),
        (#"{"weight_map": {"a": "\#(first)", "b": "\#(second)", "c": "\#(second)"}}"#, "tensor b"),
        (#"{"weight_map": {"a": "\#(first)", "b": "\#(first)", "c": "\#(second)", "d": "\#(second)"}}"#, "tensor d"),
    ]

    @Test(arguments: lies.indices)
    func anIndexThatLiesIsRefusedByName(lie: Int) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.lies[lie].index.write(toFile: index(folder), atomically: true, encoding: .utf8)
        do {
            _ = try SafetensorsShards(index: index(folder))
            Issue.record("\(Self.lies[lie].index) was taken")
        } catch let error as CheckpointError { #expect("\(error)".contains(Self.lies[lie].says), "\(error)") }
    }

    @Test func aTensorInTwoShardsIsRefused() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var writer = SafetensorsWriter()
        for name in ["b", "c"] { try writer.add(name, Tensor([Float(3), 4], shape: [2])) }
        try writer.write(to: folder.appending(path: Self.second).path)
        do {
            _ = try SafetensorsShards(index: index(folder))
            Issue.record("two tensors of one name were taken")
        } catch let error as CheckpointError { #expect("\(error)".contains("tensor b lies in"), "\(error)") }
    }

    @Test func whatFitsIsOneFileWithoutAnIndex() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = folder.appending(path: "small")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        var writer = SafetensorsShardsWriter()
        writer.add(WeightEntry("a", .float32, [2])) { Tensor([Float(1), 2], shape: [2]) }
        try writer.write(to: place.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["model.safetensors"])
    }
}
