import Foundation
import Tensors
import TestSupport
import Testing
import Training

@Suite struct OptimizerTests {
    private static let count = 37

    private func gradient(_ step: Int) -> [Float] {
        var random = SplitMix(seed: UInt64(step + 1))
        return random.floats(Self.count)
    }

    /// Five steps against the paper's formulas, written plainly in double precision.
    @Test(arguments: [true, false]) func adam(isMatrix: Bool) {
        let shape: Shape = isMatrix ? [1, 37] : [37]
        var optimizer = AdamW(beta1: 0.8, beta2: 0.9, epsilon: 1e-3, decay: 0.2)
        var parameters = ["w": Tensor(gradient(99), shape: shape)]
        var w = gradient(99).map(Double.init), m = w.map { _ in 0.0 }, v = m
        for step in 1...5 {
            let g = gradient(step), rate = 0.1 / Double(step)
            optimizer.update(&parameters, along: ["w": Tensor(g, shape: shape)], rate: Float(rate))
            for i in w.indices {
                m[i] = 0.8 * m[i] + 0.2 * Double(g[i])
                v[i] = 0.9 * v[i] + 0.1 * Double(g[i] * g[i])
                let mean = m[i] / (1 - pow(0.8, Double(step))), square = v[i] / (1 - pow(0.9, Double(step)))
                w[i] -= isMatrix ? rate * 0.2 * w[i] : 0
                w[i] -= rate * mean / (square.squareRoot() + 1e-3)
            }
        }
        expectClose(parameters["w"]!, Tensor(w.map(Float.init), shape: shape), absolute: 1e-5)
        #expect(optimizer.steps == 5 && optimizer.memory.keys.sorted() == ["first.w", "second.w"])
    }

    @Test func lion() {
        var optimizer = Lion(beta1: 0.9, beta2: 0.8, decay: 0.5)
        var parameters = ["w": Tensor(gradient(99), shape: [37, 1])]
        var w = gradient(99).map(Double.init), m = w.map { _ in 0.0 }
        for step in 1...5 {
            let g = gradient(step).map(Double.init)
            optimizer.update(&parameters, along: ["w": Tensor(gradient(step), shape: [37, 1])], rate: 0.01)
            for i in w.indices {
                let way = 0.9 * m[i] + 0.1 * g[i]
                w[i] = w[i] * (1 - 0.005) - 0.01 * (way > 0 ? 1 : way < 0 ? -1 : 0)
                m[i] = 0.8 * m[i] + 0.2 * g[i]
            }
        }
        expectClose(parameters["w"]!, Tensor(w.map(Float.init), shape: [37, 1]), absolute: 1e-5)
    }

    /// Whoever else holds a tensor keeps what it holds.
    @Test func othersKeepTheirs() {
        var optimizer = AdamW()
        let before = Tensor(gradient(1), shape: [37])
        var parameters = ["w": before, "unused": before]
        optimizer.update(&parameters, along: ["w": Tensor(gradient(2), shape: [37])], rate: 0.1)
        #expect(before.scalars == gradient(1) && parameters["unused"]!.scalars == gradient(1))
        #expect(parameters["w"]!.scalars != gradient(1))
    }

    @Test func theNormIsThatOfAllTogether() {
        let tensors = ["a": Tensor([3 as Float], shape: [1]), "b": Tensor([0 as Float, 4], shape: [2])]
        #expect(norm(tensors) == 5)
    }
}
