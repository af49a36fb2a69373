import Checkpoints
import Tensors
import Testing

@Suite struct StoredTests {
    @Test(arguments: ["F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"])
    func valuesAreRoundedAsTheReferenceRoundsThem(name: String) throws {
        let file = try GGUFFile(path: golden("stored.gguf"))
        func tensor(_ name: String) throws -> Tensor {
            try file.stored(#require(file.tensors.first { $0.name == name }))
        }
        let expected = try tensor(name), found = try tensor("values").stored(as: expected.dtype)
        let size = expected.dtype.bytesPerBlock, ours = found.bytes, theirs = expected.bytes
        let wrong = (0..<theirs.count / size).filter { block in
            ours[block * size..<(block + 1) * size] != theirs[block * size..<(block + 1) * size]
        }
        #expect(wrong.isEmpty, "blocks \(wrong)")
        #expect(found.shape == expected.shape)
    }

    @Test func everyTypeThatIsWrittenIsReadWithinItsStep() throws {
        let values = (0..<64).map { Float($0 * $0 % 61) / 30 - 1 }
        let steps: [(DType, Float)] = [(.q8_0, 0.005), (.q5_0, 0.063), (.q5_1, 0.035), (.q4_0, 0.126), (.q4_1, 0.07)]
        for (type, step) in steps {
            let back = Tensor(values, shape: [2, 32]).stored(as: type).scalars
            for (a, b) in zip(values, back) { #expect(abs(a - b) <= step, "\(type)") }
        }
    }
}
