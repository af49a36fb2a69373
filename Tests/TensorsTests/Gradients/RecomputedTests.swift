import Tensors
import TestSupport
import Testing

@Suite struct RecomputedTests {
    private let parameters: [String: Tensor] = {
        var random = SplitMix(seed: 12)
        return Dictionary(
            uniqueKeysWithValues: ["x", "w.0", "w.1", "w.2"].map {
                ($0, Tensor(random.floats(36, bound: 0.4), shape: [6, 6]))
            }
        )
    }()

    private typealias Wrapper = (@escaping () -> Tensor) -> Tensor

    /// Three residual blocks, the way networks are made.
    private func gradient(_ wrapper: Wrapper, _ nested: Wrapper = { $0() }) -> [String: [Float]] {
        valueAndGradient(of: parameters) { p in
            let y = (0..<3).reduce(p["x"]!) { x, index in
                wrapper { nested { linear(swiGLU(x, x), p["w.\(index)"]!) } + x }
            }
            return crossEntropy(y, [0, 1, 2, 3, 4, 5])
        }
        .gradient.mapValues(\.scalars)
    }

    @Test func gradientsAreTheSameBits() {
        let plain = gradient { $0() }
        #expect(plain.count == 4)
        #expect(gradient(recomputed) == plain)
        #expect(gradient(recomputed, recomputed) == plain)
    }

    @Test func itIsWorkedOutOnceMoreForAGradientAndNotWithoutOne() {
        var calls = 0
        let counted: Wrapper = { function in
            recomputed {
                calls += 1
                return function()
            }
        }
        _ = gradient(counted)
        #expect(calls == 6)
        calls = 0
        let y = counted { parameters["x"]! * 2 }
        #expect(calls == 1 && y.scalars == (parameters["x"]! * 2).scalars)
    }

    /// A tensor that goes through unchanged, and one that nobody differentiates by.
    @Test func whatNeedsNoRecomputingIsLeftAlone() {
        let (_, gradient) = valueAndGradient(of: parameters) { p in
            crossEntropy(recomputed { p["x"]! } + recomputed { parameters["w.0"]! }, [0, 1, 2, 3, 4, 5])
        }
        #expect(gradient.keys.sorted() == ["x"])
    }
}
