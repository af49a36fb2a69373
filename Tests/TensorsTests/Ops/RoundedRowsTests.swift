import Tensors
import TestSupport
import Testing

/// Rows that are rounded as they are made, against rows that are rounded when they are multiplied.
@Suite struct RoundedRowsTests {
    private static func tensor(_ shape: Shape, seed: UInt64) -> Tensor {
        var random = SplitMix(seed: seed)
        return Tensor(random.floats(shape.elements), shape: shape)
    }

    @Test(arguments: [1, 2, 5, 6, 7, 13, 64, 200], [32, 96, 576])
    func productsAreTheSameBits(rows: Int, width: Int) {
        let x = Self.tensor([rows, width], seed: 1), other = Self.tensor([rows, width], seed: 2)
        let weight = Self.tensor([40, width], seed: 3).quantized(to: .q8_0), gain = Self.tensor([width], seed: 4)
        for (made, plain) in [
            (rmsNorm(x, gain, epsilon: 1e-5, isRounded: true), rmsNorm(x, gain, epsilon: 1e-5)),
            (swiGLU(x, other, isRounded: true), swiGLU(x, other)), (geGLU(x, other, isRounded: true), geGLU(x, other)),
        ] {
            #expect(made.isRounded && !plain.isRounded && made.scalars == plain.scalars)
            #expect(linear(made, weight).scalars == linear(plain, weight).scalars)
        }
    }

    /// Some of the rows, or rows that have changed, are others.
    @Test func whatHasChangedIsForgotten() {
        let x = Self.tensor([8, 64], seed: 1), gain = Self.tensor([64], seed: 2)
        let weight = Self.tensor([32, 64], seed: 3).quantized(to: .q8_0)
        var made = rmsNorm(x, gain, epsilon: 1e-5, isRounded: true)
        let whole = linear(made, weight)
        #expect(linear(made.rows(3..<8), weight).scalars == whole.rows(3..<8).scalars)
        #expect(linear(made.rows(0..<5), weight).scalars == whole.rows(0..<5).scalars)
        made.change { $0[0] += 1 }
        #expect(!made.isRounded)
        #expect(linear(made, weight).scalars == linear(Tensor(made.scalars, shape: made.shape), weight).scalars)
    }

    /// A width that no block fills has no tiles.
    @Test func otherWidthsAreNotRounded() {
        let x = Self.tensor([3, 40], seed: 1), gain = Self.tensor([40], seed: 2)
        #expect(!rmsNorm(x, gain, epsilon: 0, isRounded: true).isRounded)
    }

    /// In place or not, and whoever else has the rows keeps what they were.
    @Test(arguments: [RotaryPairing.halves, .neighbours], [16, 24])
    func rotationsLeaveWhatOthersHave(pairing: RotaryPairing, width: Int) {
        let frequencies = [1, 0.1, 0.01, 0.5, 2, 3, 1, 0.7]
        let angles = RotaryAngles(positions: [0, 5, 9], frequencies: frequencies, pairing: pairing)
        let x = Self.tensor([3, 2, width], seed: 1), before = x.scalars
        let kept = rotary(x, angles)
        let alone = rotary(Tensor(before, shape: x.shape), angles)
        #expect(x.scalars == before && kept.scalars == alone.scalars && kept.scalars != before)
    }

    /// Taken out of a list, as models take them, rows turn where they are.
    @Test func whatNobodyElseHasTurnsInPlace() {
        let angles = RotaryAngles(positions: [0, 5, 9], frequencies: [1, 0.1, 0.01, 0.5])
        var list = [Self.tensor([3, 2, 8], seed: 1), Self.tensor([3, 2, 8], seed: 2)]
        let places = list.map(Self.place)
        let last = rotary(list.removeLast(), angles), first = rotary(list.removeLast(), angles)
        #expect([first, last].map(Self.place) == places)
    }

    private static func place(_ tensor: Tensor) -> UInt { tensor.withBytes { UInt(bitPattern: $0.baseAddress) } }
}
