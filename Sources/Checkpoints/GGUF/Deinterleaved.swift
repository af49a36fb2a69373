import Tensors

/// A Llama's weights with the rows of queries and keys put back into Hugging Face's order.
///
/// Rotary embedding turns pairs of a head's elements. Hugging Face pairs element i with i + width/2; files of GGUF's `llama`
/// architecture have their rows arranged so that pairs are neighbours, 2i with 2i + 1. Quantised blocks lie within rows, so
/// moving whole rows is exact in every type.
struct Deinterleaved: WeightSource {
    let source: any WeightSource
    let heads, kvHeads: Int

    init(_ source: any WeightSource, _ settings: Settings) throws {
        self.source = source
        heads = try settings.positive("num_attention_heads")
        kvHeads = try settings.positive("num_key_value_heads")
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let tensor = try source.tensor(name, fresh) else { return nil }
        if name.contains(".q_proj.") { return try deinterleaved(tensor, name, heads) }
        if name.contains(".k_proj.") { return try deinterleaved(tensor, name, kvHeads) }
        return tensor
    }

    private func deinterleaved(_ tensor: Tensor, _ name: String, _ heads: Int) throws -> Tensor {
        let rows = tensor.shape.first ?? 1, half = rows / heads / 2
        guard rows % (2 * heads) == 0, tensor.shape.count > 1 || tensor.dtype.blockSize == 1 else {
            throw CheckpointError.shape(name, expected: [2 * heads], found: Array(tensor.shape))
        }
        let block = tensor.withBytes { source in
            let block = MemoryBlock(source.count), size = source.count / rows
            for row in 0..<rows {
                let (head, place) = (row / (2 * half), row % (2 * half))
                let old = head * 2 * half + place % half * 2 + place / half
                let bytes = UnsafeRawBufferPointer(rebasing: source[old * size..<(old + 1) * size])
                UnsafeMutableRawBufferPointer(rebasing: block.buffer[row * size..<(row + 1) * size]).copyMemory(
                    from: bytes
                )
            }
            return block
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: tensor.dtype, shape: tensor.shape)
    }
}
