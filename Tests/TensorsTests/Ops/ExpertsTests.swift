import Foundation
import Tensors
import TestSupport
import Testing

/// Rows that go to some of many maps.
@Suite struct ExpertsTests {
    private func floats(_ shape: Shape, seed: UInt64 = 3) -> Tensor {
        var random = SplitMix(seed: seed)
        return Tensor(random.floats(shape.elements), shape: shape)
    }

    static let routings: [Routing] = [
        Routing(chosen: 2), Routing(chosen: 1, isNormalized: false), Routing(.sigmoid, chosen: 3, scale: 2.5),
        Routing(.sigmoid, chosen: 2, groups: .init(count: 3, chosen: 2, best: 2)),
        Routing(chosen: 2, groups: .init(count: 3, chosen: 1, best: 1), isNormalized: false, scale: 16),
    ]

    /// The formula in double precision.
    private func plain(_ logits: [Float], _ r: Routing, _ correction: [Float]) -> (experts: [Int], weights: [Double]) {
        let count = logits.count, total = logits.reduce(0) { $0 + exp(Double($1)) }
        let shares = logits.map { r.score == .softmax ? exp(Double($0)) / total : 1 / (1 + exp(-Double($0))) }
        var scores = zip(shares, correction).map { $0 + Double($1) }
        if let groups = r.groups {
            let size = count / groups.count
            let values = (0..<groups.count).map { group in
                scores[group * size..<(group + 1) * size].sorted(by: >).prefix(groups.best).reduce(0, +)
            }
            let kept = Set(values.indices.sorted { values[$0] > values[$1] }.prefix(groups.chosen))
            for i in 0..<count where !kept.contains(i / size) { scores[i] = -.infinity }
        }
        let experts = Array((0..<count).sorted { scores[$0] > scores[$1] }.prefix(r.chosen))
        let sum = r.isNormalized ? experts.reduce(0) { $0 + shares[$1] } : 1
        return (experts, experts.map { shares[$0] / sum * Double(r.scale) })
    }

    @Test(arguments: routings.indices, [false, true]) func routesAreThoseOfTheFormula(which: Int, corrected: Bool) {
        let routing = Self.routings[which], logits = floats([7, 6]) * 3
        let correction = corrected ? floats([6], seed: 8) : nil
        let found = routes(logits, routing, correction: correction)
        for row in 0..<7 {
            let own = logits.rows(row..<row + 1).scalars
            let (experts, weights) = plain(own, routing, correction?.scalars ?? [0, 0, 0, 0, 0, 0])
            let slots = row * routing.chosen..<(row + 1) * routing.chosen
            #expect(found.experts[slots].map(Int.init) == experts)
            for (a, b) in zip(found.weights.scalars[slots], weights) { #expect(abs(Double(a) - b) < 1e-5 * max(1, b)) }
        }
    }

    @Test(arguments: routings.indices) func weightsHaveTheGradientOfTheirDifferences(which: Int) {
        expectGradient(of: ["x": floats([5, 6]) * 2], step: 2e-3, absolute: 1e-2, relative: 2e-2) {
            routes($0["x"]!, Self.routings[which]).weights
        }
    }

    @Test func whatIsNoNumberIsChosenLast() {
        let found = routes(Tensor([0, .nan, -1, -2], shape: [1, 4]), Routing(.sigmoid, chosen: 2))
        #expect(found.experts == [0, 2])
        #expect(routes(Tensor([.nan, .nan], shape: [1, 2]), Routing(.sigmoid, chosen: 2)).experts.count == 2)
    }

    @Test(arguments: [DType.float32, .bfloat16, .q8_0], [false, true])
    func groupsOfRowsAreMultipliedAsTheyWouldBeAlone(dtype: DType, packed: Bool) {
        let x = floats([11, 64]), ranges = [0..<3, 3..<4, 4..<4, 4..<11]
        let maps = (0..<4).map { expert in
            [40, 33].map { outputs in
                let seed = UInt64(expert * 2 + outputs), weight = floats([outputs, 64], seed: seed)
                let stored = dtype == .q8_0 ? weight.quantized(to: dtype) : weight.cast(to: dtype)
                return AffineMap(packed ? stored.packed() : stored, bias: floats([outputs], seed: seed + 50))
            }
        }
        let found = linear(x, groups: zip(ranges, maps).map { RowGroup(rows: $0, maps: $1) })
        for (rows, maps) in zip(ranges, maps) where !rows.isEmpty {
            for (place, expected) in linear(x.rows(rows), maps).enumerated() {
                #expect(found[place].rows(rows).scalars == expected.scalars)
            }
        }
    }

    @Test func groupsOfRowsHaveGradients() {
        let p = [
            "x": floats([5, 7]), "v": floats([3, 7], seed: 5), "w": floats([3, 7], seed: 6), "b": floats([3], seed: 7),
        ]
        expectGradient(of: p) { p in
            let first = AffineMap(p["w"]!, bias: p["b"]!), second = AffineMap(p["v"]!)
            let y = linear(
                p["x"]!,
                groups: [RowGroup(rows: 0..<2, maps: [first]), RowGroup(rows: 2..<5, maps: [second])]
            )[0]
            return y * linear(p["x"]!, p["w"]!)
        }
    }

    @Test func mixturesAndRowsLaidEndToEndHaveGradients() {
        expectGradient(of: ["x": floats([6, 5]), "w": floats([3, 2], seed: 4)]) { p in
            mixture(p["x"]!, at: [5, 0, 2, 1, 3, 4], p["w"]!)
        }
        expectGradient(of: ["a": floats([2, 3]), "b": floats([1, 3], seed: 4)]) { p in
            concatenated([p["a"]!, p["b"]!, p["a"]!]) * concatenated([p["b"]!, p["a"]!, p["a"]!])
        }
    }
}
