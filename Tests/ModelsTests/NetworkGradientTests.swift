import Checkpoints
import Models
import Tensors
import TestSupport
import Testing

/// One definition of a network serves and learns: its gradient agrees with the reference library's.
@Suite struct NetworkGradientTests {
    @Test(arguments: learning)
    func everyParametersGradientAgreesWithTheReferenceLibrary(name: String) throws {
        let network = try Network(name)
        let golden = try network.translated(Golden.safetensors("Models/\(name).gradients").tensors)
        let tokens = golden["tokens"]!.integers
        let (loss, gradient) = try valueAndGradient(of: network.weights) { parameters in
            let model = try Models.model(network.settings, Weights(parameters))
            let batch = Batch(tokens: tokens, for: model.cacheShape)
            return crossEntropy(model(batch), tokens.dropFirst() + [-1])
        }
        #expect(abs(loss - golden["loss"]!.scalars[0]) < 2e-3)
        #expect(Set(gradient.keys.map { "gradient.\($0)" }).union(["tokens", "loss"]) == Set(golden.keys))
        for (name, gradient) in gradient {
            let expected = golden["gradient.\(name)"]!
            // Keys and values are kept as halves, in the value and in the gradient.
            let size = expected.scalars.map(abs).max()!
            expectClose(gradient, expected, absolute: 0.01 * size, relative: 0.01, name)
        }
    }
}
