import Tensors
import TestSupport
import Testing

@Suite struct DropoutTests {
    private let ones = Tensor([Float](repeating: 1, count: 300 * 211), shape: [300, 211])

    @Test(arguments: [0.1, 0.5, 0.9] as [Float]) func theShareIsDroppedAndTheMeanStays(rate: Float) {
        let y = Dropout(rate: rate, key: 11)(ones).scalars, count = Float(y.count)
        #expect(abs(Float(y.count { $0 == 0 }) / count - rate) < 0.01)
        #expect(abs(y.reduce(0, +) / count - 1) < 0.05)
        #expect(Set(y) == [0, 1 / (1 - rate)])
    }

    /// Each element against SplitMix64 run from the start, the slow way.
    @Test(arguments: [1, 2, 7, 20_001]) func elementsAreThoseOfTheGenerator(count: Int) {
        var random = SplitMix(seed: 42)
        let words = (0..<(count + 1) / 2).map { _ in random.next() }
        let expected = (0..<count).map { index in
            UInt32(truncatingIfNeeded: words[index / 2] >> (index % 2 == 0 ? 0 : 32)) < 1 << 30 ? 0 : 1 / Float(0.75)
        }
        let ones = Tensor([Float](repeating: 1, count: count), shape: [count])
        #expect(Dropout(rate: 0.25, key: 42)(ones).scalars == expected)
    }

    @Test func anotherKeyDropsOthers() {
        let a = Dropout(rate: 0.5, key: 1)(ones).scalars, b = Dropout(rate: 0.5, key: 2)(ones).scalars
        let equal = zip(a, b).count { $0 == $1 }
        #expect(abs(Double(equal) / Double(a.count) - 0.5) < 0.01)
        #expect(Dropout(rate: 0.5, key: 1)(ones).scalars == a)
    }

    @Test func nothingIsDroppedWithoutARate() { #expect(Dropout.none(ones).scalars == ones.scalars) }

    @Test func gradientsPassWhereElementsDo() {
        var random = SplitMix(seed: 3)
        expectGradient(of: ["x": Tensor(random.floats(35), shape: [5, 7])]) { Dropout(rate: 0.4, key: 9)($0["x"]!) }
    }
}
