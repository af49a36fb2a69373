import Foundation
import Tensors
import TestSupport
import Testing

/// The convolution and the scan of Mamba-2 against plain loops, and their gradients against differences.
@Suite struct StateSpaceTests {
    private let documents = [0..<5, 5..<6, 6..<17]

    private func plan(_ documents: [Range<Int>]) -> AttentionPlan {
        AttentionPlan(documents.enumerated().map { .init(rows: $1, start: 0, blocks: [Int32($0)]) })
    }

    private func tensors(_ shapes: KeyValuePairs<String, Shape>) -> [String: Tensor] {
        var random = SplitMix(seed: 5)
        return Dictionary(uniqueKeysWithValues: shapes.map { ($0, Tensor(random.floats($1.elements), shape: $1)) })
    }

    private func convolved(_ p: [String: Tensor]) -> Tensor {
        let width = p["x"]!.shape.width, taps = p["w"]!.shape.width, size = (taps - 1) * width
        let cache = KeyValueCache(CacheShape(stateLayers: 1, stateSize: size), blocks: 3)
        return convolution(p["x"]!, p["w"]!, p["b"]!, layer: 0, part: 0..<size, plan: plan(documents), cache: cache)
    }

    @Test(arguments: [1, 2, 4], [3, 16, 37])
    func aConvolutionMixesEachColumnWithWhatCameBefore(taps: Int, width: Int) {
        let p = tensors(["x": [17, width], "w": [width, taps], "b": [width]])
        let (x, w, b) = (p["x"]!.scalars, p["w"]!.scalars, p["b"]!.scalars)
        var expected: [Float] = []
        for document in documents {
            for row in document {
                for column in 0..<width {
                    var sum = Double(b[column])
                    for tap in 0..<taps where row - taps + 1 + tap >= document.lowerBound {
                        sum += Double(w[column * taps + tap]) * Double(x[(row - taps + 1 + tap) * width + column])
                    }
                    expected.append(Float(sum))
                }
            }
        }
        expectClose(convolved(p), Tensor(expected, shape: [17, width]))
    }

    @Test(arguments: [1, 4], [3, 130]) func convolutionsHaveGradients(taps: Int, width: Int) {
        expectGradient(of: tensors(["x": [17, width], "w": [width, taps], "b": [width]])) { convolved($0) }
    }

    @Test(arguments: [1, 7, 16, 37]) func siluHasAGradient(width: Int) {
        let p = tensors(["x": [3, width]])
        expectGradient(of: p) { silu($0["x"]!) }
        let expected = p["x"]!.scalars.map { Float(Double($0) / (1 + exp(-Double($0)))) }
        expectClose(silu(p["x"]!), Tensor(expected, shape: [3, width]))
    }

    private let shapes: KeyValuePairs<String, Shape> = [
        "x": [17, 12], "b": [17, 10], "c": [17, 10], "delta": [17, 4], "rate": [4], "bias": [4], "skip": [4],
    ]

    private func scan(_ p: [String: Tensor], _ steps: ClosedRange<Float>) -> Tensor {
        let space = StateSpace(
            heads: 4,
            width: 3,
            groups: 2,
            states: 5,
            logRate: p["rate"]!,
            stepBias: p["bias"]!,
            skip: p["skip"]!,
            steps: steps
        )
        let cache = KeyValueCache(CacheShape(stateLayers: 1, stateSize: space.size), blocks: 3)
        let inputs = ScanInputs(x: p["x"]!, b: p["b"]!, c: p["c"]!, delta: p["delta"]!)
        return scanned(inputs, space, layer: 0, part: 0..<space.size, plan: plan(documents), cache: cache)
    }

    @Test(arguments: [0 ... .infinity, 0.4...0.7] as [ClosedRange<Float>])
    func aScanFollowsItsFormula(steps: ClosedRange<Float>) {
        let p = tensors(shapes), v = p.mapValues { $0.scalars.map(Double.init) }
        var expected = [Float](repeating: 0, count: 17 * 12)
        for document in documents {
            for head in 0..<4 {
                var state = [Double](repeating: 0, count: 15)
                for row in document {
                    let free = log(1 + exp(v["delta"]![row * 4 + head] + v["bias"]![head]))
                    let step = min(max(free, Double(steps.lowerBound)), Double(steps.upperBound))
                    let shared = row * 10 + head / 2 * 5
                    for channel in 0..<3 {
                        let x = v["x"]![row * 12 + head * 3 + channel]
                        var y = v["skip"]![head] * x
                        for i in 0..<5 {
                            state[channel * 5 + i] *= exp(-exp(v["rate"]![head]) * step)
                            state[channel * 5 + i] += step * x * v["b"]![shared + i]
                            y += state[channel * 5 + i] * v["c"]![shared + i]
                        }
                        expected[row * 12 + head * 3 + channel] = Float(y)
                    }
                }
            }
        }
        expectClose(scan(p, steps), Tensor(expected, shape: [17, 12]))
    }

    @Test func scansHaveGradients() {
        expectGradient(of: tensors(shapes)) { scan($0, 0 ... .infinity) }
    }

    /// Steps that a limit cuts do not move with what they are made of.
    @Test func stepsAtALimitHaveNoGradient() {
        let (_, gradient) = valueAndGradient(of: tensors(shapes)) { p in
            crossEntropy(scan(p, 5...5), [Int32](repeating: 1, count: 17))
        }
        #expect(gradient["delta"]!.scalars.allSatisfy { $0 == 0 })
        #expect(gradient["bias"]!.scalars.allSatisfy { $0 == 0 } && gradient["x"]!.scalars.contains { $0 != 0 })
    }

    /// A block that begins a sequence no longer has its state no longer; one sequence's state is as large as another's.
    @Test func statesGoWithTheirBlocks() {
        let cache = KeyValueCache(CacheShape(stateLayers: 1, stateSize: 6), blocks: 9), x = Tensor.zeros([1, 3])
        func run(_ blocks: [Int32], start: Int) {
            let plan = AttentionPlan([.init(rows: 0..<1, start: start, blocks: blocks)])
            let weight = Tensor([Float](repeating: 1, count: 9), shape: [3, 3])
            _ = convolution(x, weight, Tensor.zeros([3]), layer: 0, part: 0..<6, plan: plan, cache: cache)
        }
        for first in [Int32(3), 5, 7] { run([first], start: 0) }
        #expect(cache.stateCount == 3)
        run([3, 8], start: 16)
        run([5], start: 0)
        #expect(cache.stateCount == 3)
        run([1, 3, 7], start: 0)
        #expect(cache.stateCount == 2)
    }
}
