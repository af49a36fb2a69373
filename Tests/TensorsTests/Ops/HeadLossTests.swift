import Tensors
import TestSupport
import Testing

/// The losses that never hold all logits, against those of all logits.
@Suite struct HeadLossTests {
    private static let rows = 70, width = 24, classes = 40

    private func parameters(_ classes: Int = classes) -> [String: Tensor] {
        var random = SplitMix(seed: 5)
        let shapes: KeyValuePairs<String, Shape> = [
            "x": [Self.rows, Self.width], "w": [classes, Self.width], "b": [classes], "down": [3, Self.width],
            "up": [classes, 3],
        ]
        return Dictionary(uniqueKeysWithValues: shapes.map { ($0, Tensor(random.floats($1.elements), shape: $1)) })
    }

    private func targets(_ classes: Int = classes, skipping: Int) -> [Int32] {
        (0..<Self.rows).map { $0 % 7 < skipping ? -1 : Int32($0 * 31 % classes) }
    }

    private func head(_ p: [String: Tensor]) -> AffineMap {
        let adapter = p["down"].map { LowRank(down: $0, up: p["up"]!) }
        return AffineMap(p["w"]!, bias: p["b"], adapter: adapter)
    }

    /// With 300,000 classes, rows come in chunks of 64.
    @Test(arguments: [(40, 0), (40, 2), (40, 7), (300_000, 1)])
    func crossEntropyIsThatOfAllLogits(classes: Int, skipped: Int) {
        let p = parameters(classes), targets = targets(classes, skipping: skipped)
        let fused = valueAndGradient(of: p) { crossEntropy($0["x"]!, head($0), targets) }
        let plain = valueAndGradient(of: p) { crossEntropy(linear($0["x"]!, [head($0)])[0], targets) }
        #expect(abs(fused.value - plain.value) <= 1e-5 * plain.value)
        for (name, expected) in plain.gradient {
            expectClose(fused.gradient[name]!, expected, absolute: 1e-6, relative: 1e-3, name)
        }
        #expect(crossEntropy(p["x"]!, head(p), targets).scalars == [fused.value])
    }

    @Test(arguments: [0, 3]) func theGradientOfCrossEntropyIsThatOfItsDifferences(skipped: Int) {
        let targets = targets(skipping: skipped)
        expectGradient(of: parameters()) { crossEntropy($0["x"]!, head($0), targets) * 3 }
    }

    @Test(arguments: [0, 3]) func logprobsAreThoseOfAllLogits(skipped: Int) {
        let p = parameters(), targets = targets(skipping: skipped)
        let found = logprobs(p["x"]!, head(p), targets).scalars, logits = linear(p["x"]!, [head(p)])[0]
        #expect(found.count == Self.rows)
        for (row, target) in targets.enumerated() {
            let expected = target < 0 ? 0 : -crossEntropy(logits.rows(row..<row + 1), [target]).scalars[0]
            #expect(abs(found[row] - expected) < 1e-4)
        }
    }

    @Test(arguments: [0, 3]) func theGradientOfLogprobsIsThatOfTheirDifferences(skipped: Int) {
        let targets = targets(skipping: skipped)
        expectGradient(of: parameters(), step: 2e-2) { logprobs($0["x"]!, head($0), targets) }
    }

    @Test(arguments: [DType.bfloat16, .float16, .float32]) func aHeadOfAnyFloatTypeLearnsInFloat32(dtype: DType) {
        let p = parameters(), targets = targets(skipping: 1)
        func loss(_ p: [String: Tensor]) -> Tensor {
            crossEntropy(p["x"]!, AffineMap(p["w"]!.cast(to: dtype)), targets)
        }
        func twin(_ p: [String: Tensor]) -> Tensor {
            crossEntropy(linear(p["x"]!, p["w"]!.cast(to: dtype)), targets)
        }
        let (fused, plain) = (valueAndGradient(of: p, loss), valueAndGradient(of: p, twin))
        #expect(abs(fused.value - plain.value) < 1e-3)
        for name in ["x", "w"] {
            #expect(fused.gradient[name]!.dtype == .float32)
            expectClose(fused.gradient[name]!, plain.gradient[name]!, absolute: 1e-4, relative: 2e-2, name)
        }
    }

    @Test func aQuantisedHeadPassesItsGradientOn() {
        var random = SplitMix(seed: 6)
        let x = Tensor(random.floats(5 * 64), shape: [5, 64]), head = RandomWeights(.q8_0, rows: 40, k: 64).tensor
        let gradient = valueAndGradient(of: ["x": x]) { crossEntropy($0["x"]!, AffineMap(head), [1, 2, -1, 4, 39]) }
        let twin = valueAndGradient(of: ["x": x]) { crossEntropy(linear($0["x"]!, head), [1, 2, -1, 4, 39]) }
        expectClose(gradient.gradient["x"]!, twin.gradient["x"]!, absolute: 1e-6)
    }
}
