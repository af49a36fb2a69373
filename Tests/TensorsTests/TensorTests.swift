import Tensors
import TestSupport
import Testing

@Suite struct TensorTests {
    @Test func shapesKnowTheirRowsAndWidth() {
        let shape: Shape = [2, 3, 4]
        #expect(shape.elements == 24 && shape.rows == 6 && shape.width == 4 && shape[-1] == 4)
        #expect(Array(shape) == [2, 3, 4] && shape == Shape([2, 3, 4]) && shape != [2, 12])
        #expect(Shape([]).elements == 1 && Shape([]).rows == 1)
    }

    @Test func reshapingAndSlicingShareTheElements() {
        let x = Tensor((0..<24).map(Float.init), shape: [6, 4])
        #expect(x.reshaped(2, -1).shape == [2, 12])
        #expect(x.rows(2..<4).scalars == (8..<16).map(Float.init))
        #expect(x.rows(2..<4).reshaped(-1).rows(1..<3).scalars == [9, 10])
        #expect(x.rows(3..<3).shape == [0, 4])
    }

    @Test func arithmeticIsElementwise() {
        let a = Tensor([1, 2, 3] as [Float], shape: [3]), b = Tensor([10, 20, 30] as [Float], shape: [3])
        #expect((a + b).scalars == [11, 22, 33])
        #expect((a * b).scalars == [10, 40, 90])
        #expect((a * 2).scalars == [2, 4, 6])
    }

    @Test func gatherReadsRowsOfEveryLayout() {
        let table = Tensor((0..<80).map(Float.init), shape: [40, 2])
        for table in [table, table.packed()] {
            #expect(gather(table, rows: [39, 0, 33]).scalars == [78, 79, 0, 1, 66, 67])
        }
    }

    @Test func manyTensorsOfManySizesKeepTheirValues() {
        var kept: [(Tensor, Float)] = []
        var random = SplitMix(seed: 9)
        for round in 0..<500 {
            let count = Int.random(in: 1...5000, using: &random), value = Float(round)
            kept.append((Tensor([Float](repeating: value, count: count), shape: [count]), value))
            if kept.count > 40 { kept.remove(at: Int.random(in: 0..<kept.count, using: &random)) }
            for (tensor, value) in kept { #expect(tensor.withFloats { $0.first == value && $0.last == value }) }
        }
    }

    @Test func largestValueIsFoundAndNaNIsNot() {
        #expect([Float]([1, 5, 5, 2]).withUnsafeBufferPointer(argmax) == 1)
        #expect([Float]([.nan, -3]).withUnsafeBufferPointer(argmax) == 1)
        #expect([Float]([.nan]).withUnsafeBufferPointer(argmax) == nil)
        #expect([Float]().withUnsafeBufferPointer(argmax) == nil)
    }
}
