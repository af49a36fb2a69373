import Checkpoints
import Foundation
import Tensors
import Testing

@Suite struct ImportanceTests {
    private static let settings: Settings = ["model_type": "llama"]
    private static let importance = Importance(
        maps: [
            "model.layers.0.self_attn.q_proj": .init(squares: [4, 0, 12, 0.5], rows: 10),
            "model.layers.11.mlp.down_proj": .init(squares: [1, 2], rows: 7),
        ],
        texts: ["poems.txt", "雨燕.jsonl"],
        chunks: 3,
        chunkTokens: 512
    )

    private static func file(_ change: (inout GGUFWriter) -> Void) throws -> String {
        var writer = GGUFWriter(["general.type": .string("imatrix")])
        change(&writer)
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).gguf").path
        try writer.write(to: path)
        return path
    }

    @Test func weightsAreSharesOfTheMeanWithAFloor() throws {
        let weights = try #require(
            try Self.importance.weights(of: "model.layers.0.self_attn.q_proj.weight", width: 4)
        )
        for (found, expected) in zip(weights, [4 / 4.125, 1e-3, 12 / 4.125, 0.5 / 4.125] as [Float]) {
            #expect(abs(found - expected) < 1e-6)
        }
        #expect(try Self.importance.weights(of: "model.layers.1.self_attn.q_proj.weight", width: 4) == nil)
        #expect(try Self.importance.weights(of: "model.layers.0.self_attn.q_proj.bias", width: 4) == nil)
        #expect(throws: CheckpointError.self) {
            try Self.importance.weights(of: "model.layers.0.self_attn.q_proj.weight", width: 5)
        }
    }

    /// The layout is that of llama.cpp's imatrix tool (`tools/imatrix`, GGUF since 2025).
    @Test func itIsKeptAsLlamaCppKeepsIt() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).gguf").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.importance.write(to: path, for: Self.settings)
        let file = try GGUFFile(path: path)
        #expect(file.metadata["general.type"]?.text == "imatrix")
        #expect(file.metadata["imatrix.chunk_count"]?.integer == 3)
        #expect(file.metadata["imatrix.chunk_size"]?.integer == 512)
        #expect(
            file.tensors.map(\.name) == [
                "blk.0.attn_q.weight.in_sum2", "blk.0.attn_q.weight.counts", "blk.11.ffn_down.weight.in_sum2",
                "blk.11.ffn_down.weight.counts",
            ]
        )
        #expect(file.tensors.map(\.shape) == [[1, 4], [1, 1], [1, 2], [1, 1]])
        let copy = try Importance(path: path, for: Self.settings)
        #expect(copy.maps == Self.importance.maps && copy.texts == Self.importance.texts)
        #expect(copy.chunks == 3 && copy.chunkTokens == 512)
    }

    /// A layer's experts are one tensor; of those that no row went to nothing is known.
    @Test func expertsAreKeptTogetherAsLlamaCppKeepsThem() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).gguf").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let settings: Settings = ["model_type": "qwen3_moe"], stem = "model.layers.2.mlp.experts"
        let importance = Importance(
            maps: [
                "\(stem).0.up_proj": .init(squares: [1, 2], rows: 3),
                "\(stem).3.up_proj": .init(squares: [4, 5], rows: 1),
                "model.layers.2.self_attn.q_proj": .init(squares: [6, 7], rows: 4),
            ]
        )
        try importance.write(to: path, for: settings)
        let file = try GGUFFile(path: path)
        let sums = try #require(file.tensors.first { $0.name == "blk.2.ffn_up_exps.weight.in_sum2" })
        let counts = try #require(file.tensors.first { $0.name == "blk.2.ffn_up_exps.weight.counts" })
        #expect(sums.shape == [4, 2] && counts.shape == [4, 1])
        #expect(try file.stored(sums).scalars == [1, 2, 0, 0, 0, 0, 4, 5])
        #expect(try file.stored(counts).scalars == [3, 0, 0, 1])
        let copy = try Importance(path: path, for: settings)
        #expect(copy.maps == importance.maps)
        #expect(try copy.weights(of: "\(stem).3.up_proj.weight", width: 2) != nil)
        #expect(try copy.weights(of: "\(stem).1.up_proj.weight", width: 2) == nil)
    }

    @Test func sumsOfSeveralMatricesAreOfExpertsOnly() throws {
        let path = try Self.file { writer in
            writer.add("blk.0.attn_q.weight.in_sum2", Tensor([1, 2, 3, 4].map(Float.init), shape: [2, 2]))
            writer.add("blk.0.attn_q.weight.counts", Tensor([Float](repeating: 1, count: 2), shape: [2, 1]))
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: CheckpointError.self) { try Importance(path: path, for: Self.settings) }
        #expect(error.map { "\($0)".contains("2 matrices") } == true)
    }

    @Test(
        arguments: [
            ([1, -2], [1]), ([1, .nan], [1]), ([1, .infinity], [1]), ([1, 2], [0]), ([1, 2], [-1]), ([1, 2], [.nan]),
            ([1, 2], [1e30]), ([1, 2], []), ([1, 2], [1, 1]),
        ] as [([Float], [Float])]
    )
    func sumsThatCannotBeAreRefused(sums: [Float], counts: [Float]) throws {
        let path = try Self.file { writer in
            writer.add("blk.0.attn_q.weight.in_sum2", Tensor(sums, shape: [1, 2]))
            if !counts.isEmpty { writer.add("blk.0.attn_q.weight.counts", Tensor(counts, shape: [counts.count, 1])) }
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: CheckpointError.self) { try Importance(path: path, for: Self.settings) }
        #expect(error.map { "\($0)".contains("blk.0.attn_q.weight") } == true)
    }

    @Test func aModelIsNoImportanceMatrix() {
        let error = #expect(throws: CheckpointError.self) {
            try Importance(path: golden("tiny-llama.gguf"), for: Self.settings)
        }
        #expect(error.map { "\($0)".contains("imatrix") } == true)
    }
}
