import Checkpoints
import Foundation
import Tensors
import Testing
import Training

/// A run learns from prepared files, and goes on exactly in the middle of them.
@Suite struct DataRunTests {
    static let settings: Settings = [
        "model_type": "llama", "vocab_size": 258, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 48, "tie_word_embeddings": true,
    ]

    static func trainer(_ data: PackedDocuments, _ folder: URL, steps: Int) throws -> Trainer<PackedDocuments> {
        var options = TrainingOptions(Schedule(.constant, peak: 1e-2, steps: steps, warmUp: 0))
        (options.checkpointEvery, options.validateEvery) = (2, 3)
        let objective = Objective(settings, precision: .float32)
        return try Trainer(objective, objective.fresh(seed: 1), data, AdamW(), options, in: RunFolder(folder))
    }

    @Test func aRunOverFilesLearnsAndGoesOn() throws {
        let fixture = try DataFixture()
        let rows = (0..<40).map { "{\"prompt\":\"\($0)?\",\"completion\":\"\($0)!\"}" }.joined(separator: "\n")
        let dataset = try fixture.prepare([fixture.source("a.jsonl", rows)])
        var options = PackingOptions(batchTokens: 64, context: 64)
        options.heldOut = 0.1
        let data = try PackedDocuments(dataset, options)
        let whole = fixture.folder.appending(path: "whole"), parts = fixture.folder.appending(path: "parts")
        var reference = try Self.trainer(data, whole, steps: 6)
        #expect(try reference.run() == .finished)
        var steps = 0
        var first = try Self.trainer(data, parts, steps: 6)
        let ending = try first.run(
            isStopped: {
                steps += 1
                return steps > 3
            }
        )
        #expect(ending == .stopped)
        _ = consume first
        var second = try Self.trainer(data, parts, steps: 6)
        #expect(try second.run() == .finished)
        let (a, b) = (try RunFolder(whole).records(), try RunFolder(parts).records())
        #expect(a.map(\.loss) == b.map(\.loss) && a.map(\.validation) == b.map(\.validation))
        let start = try #require(a.first), end = try #require(a.last)
        #expect(end.loss < start.loss - 0.3 && a.contains { $0.validation != nil })
        #expect(second.state.cursor == reference.state.cursor)
    }
}
