import Foundation
public import Tensors

/// Writes a model's tensors as the Hub lays them out: `model.safetensors`, or several files and their index where one would be
/// larger than ``shardBytes``.
///
///     var writer = SafetensorsShardsWriter()
///     writer.add(WeightEntry("model.norm.weight", .float32, [576])) { norm }
///     try writer.write(to: folder)
public struct SafetensorsShardsWriter {
    public var metadata: [String: String]
    /// What a file's tensors take at most; one tensor alone may be larger.
    public var shardBytes: Int
    private var tensors: [(entry: WeightEntry, make: () throws -> Tensor)] = []

    public init(_ metadata: [String: String] = ["format": "pt"], shardBytes: Int = 5_000_000_000) {
        precondition(shardBytes > 0, "shards of \(shardBytes) bytes")
        (self.metadata, self.shardBytes) = (metadata, shardBytes)
    }

    /// Adds a tensor that is made when its turn to be written comes; it must then be what the entry says.
    public mutating func add(_ entry: WeightEntry, _ make: @escaping () throws -> Tensor) {
        tensors.append((entry, make))
    }

    /// Writes into a folder that is there and has no model yet.
    ///
    /// - Throws: ``CheckpointError`` for a quantised type, or where the disk refuses.
    public func write(to folder: String) throws {
        let shards = shards()
        guard shards.count > 1 else { return try write(shards.first ?? [], folder + "/model.safetensors") }
        var map: [String: String] = [:]
        for (number, shard) in shards.enumerated() {
            let name = "model-\(digits(number + 1))-of-\(digits(shards.count)).safetensors"
            try write(shard, folder + "/" + name)
            for index in shard { map[tensors[index].entry.name] = name }
        }
        let total = tensors.reduce(0) { $0 + $1.entry.byteCount }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(Index(metadata: ["total_size": total], weight_map: map))
        try writeWhole(folder + "/model.safetensors.index.json") { sink in try json.withUnsafeBytes(sink) }
    }

    private struct Index: Encodable { let metadata: [String: Int], weight_map: [String: String] }

    /// The tensors in the order they were added, cut where the next would not fit.
    private func shards() -> [[Int]] {
        var shards: [[Int]] = [], size = 0
        for (index, tensor) in tensors.enumerated() {
            let bytes = tensor.entry.byteCount
            if shards.isEmpty || size + bytes > shardBytes {
                shards.append([])
                size = 0
            }
            shards[shards.count - 1].append(index)
            size += bytes
        }
        return shards
    }

    private func write(_ shard: [Int], _ path: String) throws {
        var writer = SafetensorsWriter(metadata)
        for index in shard {
            let (entry, make) = tensors[index]
            try writer.add(entry.name, entry.dtype, entry.shape, make)
        }
        try writer.write(to: path)
    }

    private func digits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
