import Checkpoints
import Foundation
import Inference
import Models
import Tensors
import Testing

@Suite struct PerplexityTests {
    @Test func followsItsDefinition() throws {
        let model = try Models.model(InvarianceTests.settings, Weights(RandomWeights(seed: 5)))
        let tokens = (0..<100).map { $0 * 31 % 96 }, context = 24
        let result = try perplexity(of: tokens, model, context: context, bos: 7)
        var sum = 0.0, count = 0
        for chunk in 0..<4 {
            var text = tokens[chunk * context..<(chunk + 1) * context].map(Int32.init)
            text[0] = 7
            let logits = model(Batch(tokens: text, for: model.cacheShape)).scalars
            for position in context / 2..<context - 1 {
                let row = logits[position * 96..<(position + 1) * 96].map(Double.init)
                sum -= row[Int(text[position + 1])] - log(row.reduce(0) { $0 + exp($1) })
                count += 1
            }
        }
        #expect(result.scored == count && count == 4 * 11)
        #expect(abs(result.value / exp(sum / Double(count)) - 1) < 1e-5)
    }

    @Test func aTextTooShortIsRefused() throws {
        let model = try Models.model(InvarianceTests.settings, Weights(RandomWeights(seed: 5)))
        #expect(throws: EngineError.self) { try perplexity(of: [1, 2, 3], model, context: 16) }
        #expect(throws: EngineError.unknownToken(id: 96, vocabulary: 96)) {
            try perplexity(of: Array(repeating: 96, count: 20), model, context: 16)
        }
    }
}
