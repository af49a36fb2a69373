import Checkpoints
import Tensors
import Testing

/// Blocks of every type, worked out as the reference library works them out: to the bit, since each product is rounded once.
@Suite struct BlockTests {
    private static let file = Result { try GGUFFile(path: golden("blocks.gguf", room: "Tensors")) }

    private static func tensor(_ name: String) throws -> Tensor {
        let file = try file.get()
        return try file.stored(#require(file.tensors.first { $0.name == name }, "\(name)"))
    }

    private static let types = GGUFTensorType.all.filter { $0.dtype != nil && $0.name != "I32" }.map(\.name)

    @Test(arguments: types)
    func valuesAreTheReferences(name: String) throws {
        let blocks = try Self.tensor(name), expected = try Self.tensor(name + ".expected").scalars
        #expect(blocks.dtype == GGUFTensorType.all.first { $0.name == name }?.dtype)
        for found in [blocks.scalars, blocks.packed().scalars] {
            let wrong = found.indices.filter {
                found[$0].bitPattern != expected[$0].bitPattern && found[$0] != expected[$0]
            }
            #expect(wrong.isEmpty, "\(wrong.prefix(3)): \(wrong.prefix(3).map { (found[$0], expected[$0]) })")
        }
    }
}
