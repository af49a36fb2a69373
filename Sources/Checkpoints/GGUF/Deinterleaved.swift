import Tensors

/// A Llama's weights with the rows of queries and keys put back into Hugging Face's order.
///
/// Rotary embedding turns pairs of a head's elements. Hugging Face pairs element i with i + width/2; files of GGUF's `llama`
/// architecture have their rows arranged so that pairs are neighbours, 2i with 2i + 1. Quantised blocks lie within rows, so
/// moving whole rows is exact in every type.
struct Deinterleaved: WeightSource {
    let source: any NamedWeights
    private let heads: RotaryHeads

    init(_ source: any NamedWeights, _ settings: Settings) throws {
        (self.source, heads) = (source, try RotaryHeads(settings))
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        try source.tensor(name, fresh).map { tensor in
            try heads.reordered(tensor, name) { place, half in place % half * 2 + place / half }
        }
    }
}

/// The way back: Hugging Face's order of rows, rearranged as GGUF's `llama` architecture has them.
struct Interleaved: WeightSource {
    let source: any WeightSource
    private let heads: RotaryHeads

    init(_ source: any WeightSource, _ settings: Settings) throws {
        (self.source, heads) = (source, try RotaryHeads(settings))
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        try source.tensor(name, fresh).map { tensor in
            try heads.reordered(tensor, name) { place, half in place % 2 * half + place / 2 }
        }
    }
}

/// Which tensors have rows for rotary pairs, and how many heads they are for.
private struct RotaryHeads {
    let queries, keys: Int

    init(_ settings: Settings) throws {
        queries = try settings.positive("num_attention_heads")
        keys = try settings.positive("num_key_value_heads", default: queries)
    }

    /// A tensor of queries or keys with each row taken from another place of its head; any other as it is.
    func reordered(_ tensor: Tensor, _ name: String, _ from: (_ place: Int, _ half: Int) -> Int) throws -> Tensor {
        guard let heads = name.contains(".q_proj.") ? queries : name.contains(".k_proj.") ? keys : nil else {
            return tensor
        }
        let rows = tensor.shape.first ?? 1, half = rows / heads / 2
        guard rows > 0, rows % (2 * heads) == 0, tensor.shape.count > 1 || tensor.dtype.blockSize == 1 else {
            throw CheckpointError.shape(name, expected: [2 * heads], found: Array(tensor.shape))
        }
        let block = tensor.withBytes { source in
            let block = MemoryBlock(source.count), size = source.count / rows
            for row in 0..<rows {
                let old = row - row % (2 * half) + from(row % (2 * half), half)
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
