/// What lies beside the shards as `dataset.json`.
struct DatasetDescription: Codable, Sendable, Hashable {
    struct Source: Codable, Sendable, Hashable {
        let name, sha256, format, layout: String
    }

    var version = Int(ShardHeader.version)
    let kind: Example.Kind
    let vocabulary: Int
    let shards: Int
    let sources: [Source]
    let statistics: DatasetStatistics

    static let fileName = "dataset.json", rejectedName = "rejected.jsonl"

    static func shardName(_ index: Int) -> String {
        let digits = String(index)
        return "shard-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
