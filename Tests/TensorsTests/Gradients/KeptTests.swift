import Tensors
import TestSupport
import Testing

/// Inputs of linear maps that are made again for the gradient.
@Suite struct KeptTests {
    enum Op: String, CaseIterable { case rmsNorm, layerNorm, swiGLU, geGLU, gelu, tanhGELU, dropout, grouped }

    private let parameters: [String: Tensor] = {
        var random = SplitMix(seed: 21), parameters: [String: Tensor] = [:]
        let shapes: KeyValuePairs<String, Shape> = [
            "x": [70, 37], "up": [70, 37], "a": [6, 37], "b": [5, 37], "w": [37], "v": [37],
        ]
        for (name, shape) in shapes {
            parameters[name] = Tensor(random.floats(shape.elements, bound: 0.5), shape: shape)
        }
        return parameters
    }()

    private func result(_ op: Op, _ p: [String: Tensor]) -> Tensor {
        let x = p["x"]!, up = p["up"]!, w = p["w"]!, v = p["v"]!
        return switch op {
        case .rmsNorm: rmsNorm(x, w, epsilon: 1e-5)
        case .layerNorm: layerNorm(x, w, v, epsilon: 1e-5)
        case .swiGLU, .grouped: swiGLU(x, up)
        case .geGLU: geGLU(x, up)
        case .gelu: gelu(x)
        case .tanhGELU: tanhGELU(x)
        case .dropout: Dropout(rate: 0.3, key: 5)(rmsNorm(x, w, epsilon: 1e-5))
        }
    }

    /// - Parameters:
    ///   - between: goes before both maps.
    ///   - block: calls what the maps are in.
    private func gradient(
        _ op: Op,
        between: (Tensor) -> Tensor = { $0 },
        block: (@escaping () -> Tensor) -> Tensor = { $0() }
    ) -> [String: [Float]] {
        valueAndGradient(of: parameters) { p in
            let y = between(result(op, p)), a = AffineMap(p["a"]!), b = p["b"]!
            let groups = [RowGroup(rows: 0..<33, maps: [a]), RowGroup(rows: 33..<70, maps: [a])]
            let scores = block {
                joined([op == .grouped ? linear(y, groups: groups)[0] : linear(y, [a])[0], linear(y, b)])
            }
            return crossEntropy(scores, (0..<70).map { Int32($0 % 11) })
        }
        .gradient.mapValues(\.scalars)
    }

    /// The result of a product is remembered.
    @Test(arguments: Op.allCases) func gradientsAreThoseOfWhatIsRemembered(op: Op) {
        let made = gradient(op)
        #expect(made == gradient(op, between: { $0 * 1 }))
        #expect(made["a"]!.contains { $0 != 0 } && made["x"]!.contains { $0 != 0 })
    }

    /// The maps are made twice then, and ask for their input after that.
    @Test(arguments: Op.allCases) func gradientsAreThoseOfARecomputedBlock(op: Op) {
        #expect(gradient(op, block: recomputed) == gradient(op))
    }
}
