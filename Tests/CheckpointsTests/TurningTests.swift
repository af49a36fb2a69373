import Checkpoints
import Tensors
import TestSupport
import Testing

@Suite struct TurningTests {
    /// Files may hold halves.
    @Test(arguments: [DType.float32, .float16, .bfloat16])
    func aMatrixIsTurnedInItsOwnType(dtype: DType) {
        let values = (0..<630).map { Float($0 % 251) }
        let tensor = Tensor(values, shape: [35, 18]).cast(to: dtype), turned = tensor.turned
        #expect(turned.shape == [18, 35] && turned.dtype == dtype)
        let expected: [Float] = (0..<630).map { index in values[index % 35 * 18 + index / 35] }
        #expect(turned.scalars == expected)
        #expect(turned.turned.withBytes { Array($0) } == tensor.withBytes { Array($0) })
    }

    @Test func aQuantisedMatrixIsWorkedOut() {
        let values = (0..<64).map { Float($0 % 7) }
        let tensor = Tensor(values, shape: [2, 32]).quantized(to: .q8_0), turned = tensor.turned
        #expect(turned.dtype == .float32 && turned.shape == [32, 2])
        #expect(turned.turned.scalars == tensor.scalars)
    }

    @Test func whatIsNoMatrixStays() {
        #expect(Tensor([Float(1), 2], shape: [2]).turned.shape == [2])
    }
}
