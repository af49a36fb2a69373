import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Blocks that are worked out again for their gradient.
@Suite struct RecomputingTests {
    private static func gradient(
        _ settings: Settings,
        _ weights: [String: Tensor],
        _ tokens: [Int32],
        remembers: Bool,
        dropout: Float = 0
    ) throws -> [String: Tensor] {
        try valueAndGradient(of: weights) { parameters in
            let plan = DropoutPlan(residual: dropout, seed: 3)
            let model = try Models.model(settings, Weights(parameters, dropout: plan))
            var batch = Batch(tokens: tokens, for: model.cacheShape)
            batch.remembers = remembers
            return crossEntropy(model(batch), tokens.dropFirst() + [-1])
        }
        .gradient
    }

    @Test(arguments: learning, [0, 0.3] as [Float])
    func gradientsAreTheSameBits(name: String, dropout: Float) throws {
        let network = try Network(name), tokens = network.tokens("a.tokens")
        let gradients = try [true, false].map {
            try Self.gradient(network.settings, network.weights, tokens, remembers: $0, dropout: dropout)
        }
        // What corrects the choice of experts is not learnt from the loss.
        #expect(gradients[0].count == network.weights.keys.count { !$0.hasSuffix("e_score_correction_bias") })
        #expect(gradients[0].mapValues(\.scalars) == gradients[1].mapValues(\.scalars))
    }

    @Test(arguments: learning) func whatIsDroppedIsDroppedInTrainingAlone(
        name: String
    ) throws {
        let network = try Network(name), batch = { Batch(tokens: network.tokens("a.tokens"), for: $0) }
        let plain = try network.model()
        func logits(_ plan: DropoutPlan) throws -> [Float] {
            let model = try Models.model(network.settings, Weights(network.weights, dropout: plan))
            return model(batch(model.cacheShape)).scalars
        }
        #expect(try logits(DropoutPlan(seed: 9)) == plain(batch(plain.cacheShape)).scalars)
        let dropped = try logits(DropoutPlan(residual: 0.2, seed: 9))
        #expect(dropped != plain(batch(plain.cacheShape)).scalars)
        #expect(try logits(DropoutPlan(residual: 0.2, seed: 9)) == dropped)
        #expect(try logits(DropoutPlan(residual: 0.2, seed: 10)) != dropped)
    }

    #if os(Linux)
    /// In a process of its own, whose peak nobody else adds to.
    @Test func memoryIsThatOfOneBlock() async {
        await #expect(processExitsWith: .success) {
            let settings: Settings = [
                "model_type": "llama", "vocab_size": 64, "hidden_size": 128, "intermediate_size": 512,
                "num_hidden_layers": 24, "num_attention_heads": 4, "tie_word_embeddings": true,
            ]
            let source = RandomWeights(seed: 1)
            _ = try Models.model(settings, Weights(source))
            let tokens = (0..<256).map { Int32($0 % 64) }
            func peak(remembers: Bool) throws -> Int {
                let gradient = try RecomputingTests.gradient(settings, source.tensors, tokens, remembers: remembers)
                #expect(!gradient.isEmpty)
                let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
                let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
                return Int(line?.split(separator: " ").dropFirst().first ?? "") ?? 0
            }
            let before = try peak(remembers: false), after = try peak(remembers: true)
            // A block remembers some 2.5 MB here, and there are 24.
            #expect(after - before > 30_000, "the peak is \(before) kB, and \(after) kB when all is remembered")
        }
    }
    #endif
}
