import Bundles
import Checkpoints
import Foundation
import Inference
import Models
import Synchronization
import Tensors
import TestSupport
import Testing

/// Keeps all that maps are given.
private final class Witness: InputRecorder {
    let seen = Mutex<[String: [[Float]]]>([:])

    func record(_ inputs: Tensor, of map: String) {
        let width = inputs.shape.width, all = inputs.scalars
        let rows = stride(from: 0, to: all.count, by: width).map { Array(all[$0..<$0 + width]) }
        seen.withLock { $0[map, default: []] += rows }
    }
}

@Suite struct CalibrationTests {
    private static let tokens = (0..<70).map { $0 * 31 % 96 }

    @Test(arguments: ["llama", "qwen2", "qwen3", "gpt2"])
    func importanceIsTheSumOfTheSquaresOfWhatMapsAreGiven(name: String) throws {
        let bundle = try ModelBundle.open(BundleLogitsTests.golden(name)), context = 16
        let found = try importance(of: bundle, reading: Self.tokens, context: context, bos: 7)
        let witness = Witness()
        let model = try Models.model(bundle.settings, Weights(Packed(bundle.network), recorder: witness))
        for chunk in 0..<4 {
            var text = Self.tokens[chunk * context..<(chunk + 1) * context].map(Int32.init)
            text[0] = 7
            _ = model.states(Batch(tokens: text, for: model.cacheShape))
        }
        let seen = witness.seen.withLock { $0 }
        #expect(Set(found.maps.keys) == Set(seen.keys) && found.chunks == 4 && found.chunkTokens == context)
        for (map, inputs) in found.maps {
            let rows = try #require(seen[map])
            #expect(inputs.rows == rows.count && rows.count == 64)
            for column in inputs.squares.indices {
                let expected = rows.reduce(0.0) { $0 + Double($1[column]) * Double($1[column]) }
                #expect(abs(Double(inputs.squares[column]) - expected) <= 1e-5 * expected + 1e-9, "\(map)")
            }
        }
    }

    /// Every matrix but the embeddings and the head is a map that is seen, under the name of its weight.
    @Test(arguments: ["llama", "qwen2", "qwen3", "gpt2"])
    func everyMatrixOfTheLayersIsKnown(name: String) throws {
        let bundle = try ModelBundle.open(BundleLogitsTests.golden(name))
        let found = try importance(of: bundle, reading: Self.tokens, context: 64)
        for entry in bundle.weights.entries where entry.shape.count == 2 {
            let isLayer = entry.name.split(separator: ".").contains { Int($0) != nil }
            let weights = try found.weights(of: entry.name, width: entry.shape[1])
            #expect((weights != nil) == isLayer, "\(entry.name)")
        }
    }

    /// Experts are seen apart, each with the rows that went to it.
    @Test func everyExpertKnowsItsOwnRows() throws {
        let settings = try #require(SharedBatchTests.families["mixture"]), witness = Witness()
        let model = try Models.model(settings, Weights(RandomWeights(seed: 5), recorder: witness))
        let tokens = Self.tokens.prefix(32).map(Int32.init)
        _ = model.states(Batch(tokens: tokens, for: model.cacheShape))
        let seen = witness.seen.withLock { $0 }
        let counts = (0..<6).map { seen["model.layers.0.mlp.experts.\($0).gate_proj"]?.count ?? 0 }
        #expect(counts.reduce(0, +) == 64 && Set(counts).count > 1)
        #expect(seen["model.layers.0.mlp.experts.0.down_proj"]?.count ?? 0 == counts[0])
    }

    /// By the network's own first step: the norm of the embedding goes into the queries.
    @Test func theFirstMapIsGivenTheNormOfTheEmbedding() throws {
        let bundle = try ModelBundle.open(BundleLogitsTests.golden("llama")), ids = Array(Self.tokens.prefix(8))
        let found = try importance(of: bundle, reading: ids, context: 8)
        let table = try #require(try bundle.weights.tensor("model.embed_tokens.weight", nil))
        let gain = try #require(try bundle.weights.tensor("model.layers.0.input_layernorm.weight", nil)).scalars
        let epsilon: Double = try bundle.settings("rms_norm_eps"), all = table.scalars, width = table.shape.width
        var expected = [Double](repeating: 0, count: width)
        for id in ids {
            let row = all[id * width..<(id + 1) * width].map(Double.init)
            let mean = row.reduce(0) { $0 + $1 * $1 } / Double(width)
            for column in 0..<width {
                expected[column] += pow(row[column] * Double(gain[column]), 2) / (mean + epsilon)
            }
        }
        let squares = try #require(found.maps["model.layers.0.self_attn.q_proj"]).squares
        for (a, b) in zip(squares, expected) { #expect(abs(Double(a) / b - 1) < 1e-4) }
    }

    @Test func itStopsWhenToldAndRefusesShortTexts() throws {
        struct Enough: Error {}
        let bundle = try ModelBundle.open(BundleLogitsTests.golden("llama"))
        #expect(throws: Enough.self) {
            try importance(of: bundle, reading: Self.tokens, context: 16) { read, total in
                #expect(total == 64)
                if read == 32 { throw Enough() }
            }
        }
        #expect(throws: EngineError.self) { try importance(of: bundle, reading: [1, 2, 3], context: 16) }
        #expect(throws: EngineError.unknownToken(id: 96, vocabulary: 96)) {
            try importance(of: bundle, reading: Array(repeating: 96, count: 20), context: 16)
        }
    }
}
