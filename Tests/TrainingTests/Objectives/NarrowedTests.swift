import Checkpoints
import Models
import Tensors
import Testing
import Training

/// Products that round float32 weights themselves, against copies of these in bfloat16.
@Suite(.enabled(if: DType.bfloat16.isRoundedInProducts, "needs products of bfloat16 pairs"))
struct NarrowedTests {
    private func gradient(
        _ settings: Settings,
        _ parameters: [String: Tensor],
        _ source: ([String: Tensor]) -> any WeightSource
    ) throws -> (value: Float, gradient: [String: [Float]]) {
        let tokens = (0..<40).map { Int32($0 * $0 * 7 % 96) }
        let (value, gradient) = try valueAndGradient(of: parameters) { parameters in
            let network = try model(settings, Weights(source(parameters)))
            let batch = Batch(tokens: tokens, documents: [0..<23, 23..<40], for: network.cacheShape)
            return crossEntropy(network.states(batch), network.head, tokens.map { ($0 + 1) % 96 })
        }
        return (value, gradient.mapValues(\.scalars))
    }

    @Test(arguments: ServedEqualityTests.types, [true, false])
    func lossesAndGradientsAreThoseOfCopies(type: String, isTied: Bool) throws {
        let settings = ServedEqualityTests.settings(type, isTied: isTied)
        let parameters = try Objective(settings, precision: .float32).fresh(seed: 3)
        let own = try gradient(settings, parameters) { Narrowed($0, .bfloat16) }
        let copied = try gradient(settings, parameters) { parameters in
            parameters.mapValues { $0.shape.count >= 2 ? $0.cast(to: .bfloat16) : $0 }
        }
        #expect(own.value == copied.value && own.value.isFinite)
        #expect(own.gradient == copied.gradient && !own.gradient.isEmpty)
        let exact = try gradient(settings, parameters) { $0 }
        #expect(exact.value != own.value)
    }
}
