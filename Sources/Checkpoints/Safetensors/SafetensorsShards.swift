import Foundation
public import Tensors

/// A model in several safetensors files with an index that says which tensor is where, as the Hub lays out large models.
///
///     let shards = try SafetensorsShards(index: "model.safetensors.index.json")
///
/// The index and the files must say the same: each tensor named lies in its file and in no other.
public struct SafetensorsShards: NamedWeights {
    public let path: String
    /// By name.
    public let files: [SafetensorsFile]
    private let places: [String: Int]

    /// Opens the index at `path` and every file that it names, which lie beside it.
    ///
    /// - Throws: ``CheckpointError`` where a file is missing, or the index and the files do not agree.
    public init(index path: String) throws {
        let map = try Self.weightMap(path), folder = URL(filePath: path).deletingLastPathComponent()
        let names = Set(map.values).sorted()
        for name in names where !Self.isPlain(name) {
            throw Self.damaged(path, "“\(name)” is not the name of a safetensors file beside it")
        }
        let files = try names.map { name in
            let file = folder.appending(path: name).path
            guard FileManager.default.fileExists(atPath: file) else {
                let reason = "the index names it, but it is not there; fetch it, or fetch the model again"
                throw CheckpointError.unreadable(file: file, reason: reason)
            }
            return try SafetensorsFile(path: file)
        }
        (self.path, self.files) = (path, files)
        places = try Self.places(map, names, files, path)
    }

    public var entries: [WeightEntry] { files.flatMap(\.entries) }

    public func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        try places[name].flatMap { try files[$0].tensor(name, nil) }
    }

    private struct Index: Decodable { let weight_map: [String: String] }

    private static func weightMap(_ path: String) throws -> [String: String] {
        let map = try MappedFile(path: path)
        guard map.bytes.count <= SafetensorsHeader.most else { throw damaged(path, "it is too large for an index") }
        do {
            let index = try JSONDecoder().decode(Index.self, from: Data(map.bytes))
            guard !index.weight_map.isEmpty else { throw damaged(path, "its weight_map is empty") }
            return index.weight_map
        } catch let error as CheckpointError { throw error } catch {
            throw damaged(path, "it is not JSON with a weight_map from tensors' names to files' names")
        }
    }

    /// Whether a name can only be that of a file in the same folder.
    private static func isPlain(_ name: String) -> Bool {
        name.hasSuffix(".safetensors") && !name.hasPrefix(".") && !name.contains { "/\\\0".contains($0) }
    }

    private static func places(
        _ map: [String: String],
        _ names: [String],
        _ files: [SafetensorsFile],
        _ path: String
    ) throws -> [String: Int] {
        var places: [String: Int] = [:]
        for (index, file) in files.enumerated() {
            for tensor in file.tensors {
                if let other = places[tensor.name] {
                    throw damaged(path, "tensor \(tensor.name) lies in \(names[other]) and in \(names[index])")
                }
                guard map[tensor.name] == names[index] else {
                    let place = map[tensor.name].map { "in \($0)" } ?? "nowhere"
                    throw damaged(path, "tensor \(tensor.name) lies in \(names[index]), but the index has it \(place)")
                }
                places[tensor.name] = index
            }
        }
        if let lost = map.keys.filter({ places[$0] == nil }).min() {
            throw damaged(path, "tensor \(lost) is not in \(map[lost] ?? ""), where the index has it")
        }
        return places
    }

    private static func damaged(_ path: String, _ problem: String) -> CheckpointError {
        .malformed(file: path, offset: 0, problem: problem)
    }
}
