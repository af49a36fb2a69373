import Tensors
import TestSupport
import Testing

/// Parameters that move while their gradient is worked out.
@Suite struct DescentTests {
    private static func parameters() -> [String: Tensor] {
        var random = SplitMix(seed: 5), parameters: [String: Tensor] = [:]
        let shapes: KeyValuePairs<String, Shape> = [
            "embedding": [11, 24], "norm": [24], "up": [40, 24], "down": [24, 40], "unused": [3, 3],
        ]
        for (name, shape) in shapes {
            parameters[name] = Tensor(random.floats(shape.elements, bound: 0.5), shape: shape)
        }
        return parameters
    }

    private static func place(of tensor: Tensor) -> UInt { tensor.withBytes { UInt(bitPattern: $0.baseAddress) } }

    /// An embedding that is the head as well, read through a rounding as the maps are; a norm that is read as it is, twice.
    private static func loss(_ p: [String: Tensor], _ dtype: DType, recomputes: Bool) -> Tensor {
        let narrow = p.mapValues { $0.shape.count == 2 ? $0.cast(to: dtype) : $0 }
        let tokens = (0..<30).map { Int32($0 * 7 % 11) }, up = narrow["up"]!, down = narrow["down"]!, norm = p["norm"]!
        let x = gather(narrow["embedding"]!, rows: tokens)
        let block = { x + linear(gelu(linear(rmsNorm(x, norm, epsilon: 1e-5), up)), down) }
        let y = recomputes ? recomputed(block) : block()
        return crossEntropy(linear(rmsNorm(y, norm, epsilon: 1e-5), narrow["embedding"]!), tokens.map { ($0 + 1) % 11 })
    }

    @Test(arguments: [DType.float32, .bfloat16], [true, false])
    func eachMovesOnceAlongItsWholeGradient(dtype: DType, recomputes: Bool) {
        let (value, gradient) = valueAndGradient(of: Self.parameters()) { Self.loss($0, dtype, recomputes: recomputes) }
        var parameters = Self.parameters(), slopes: [String: [Float]] = [:], order: [String] = []
        let places = parameters.mapValues { Self.place(of: $0) }
        let moved = Tensors.value(moving: &parameters) {
            Self.loss($0, dtype, recomputes: recomputes)
        } _: { name, parameter, slope in
            order.append(name)
            slopes[name] = slope.scalars
            parameter.multiply(by: 2)
        }
        #expect(moved == value && slopes == gradient.mapValues(\.scalars))
        #expect(order.count == 4 && order.last == "embedding")
        #expect(recomputes || order == ["down", "up", "norm", "embedding"])
        let before = Self.parameters()
        for (name, parameter) in parameters {
            let factor: Float = name == "unused" ? 1 : 2
            #expect(parameter.scalars == before[name]!.scalars.map { $0 * factor })
            // In place: nobody else held it any more.
            #expect(Self.place(of: parameter) == places[name])
        }
    }

    @Test func nothingMovesAlongWhatIsNoNumber() {
        var parameters = ["w": Tensor([Float.infinity, 1], shape: [1, 2])]
        let value = Tensors.value(moving: &parameters) {
            linear(Tensor([0 as Float, 1], shape: [1, 2]), $0["w"]!)
        } _: { _, _, _ in
            Issue.record("moved")
        }
        #expect(!value.isFinite && parameters["w"]!.scalars == [.infinity, 1])
    }

    @Test func aParameterMayBeTheValue() {
        var parameters = ["w": Tensor([3 as Float], shape: [1])], slope: [Float] = []
        let value = Tensors.value(moving: &parameters) {
            $0["w"]!
        } _: {
            slope = $2.scalars
        }
        #expect(value == 3 && slope == [1])
    }

    /// What a function's error leaves is what was there.
    @Test func anErrorMovesNothing() {
        struct Failure: Error {}
        var parameters = Self.parameters()
        #expect(throws: Failure.self) {
            try Tensors.value(moving: &parameters) { _ in
                throw Failure()
            } _: { _, _, _ in
                Issue.record("moved")
            }
        }
        #expect(parameters.mapValues(\.scalars) == Self.parameters().mapValues(\.scalars))
    }
}
