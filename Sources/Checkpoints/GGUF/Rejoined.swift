import Tensors

/// Weights whose maps out of DeepSeek's latent are one tensor, as Hugging Face has them: for each head the rows of its keys, then
/// those of its values.
///
/// Later files have keys apart, turned for the multiplication with queries: `[heads, latent, width]`, beside values,
/// `[heads, width, latent]`. Where the two are of one float type nothing is lost; where they are quantised, halves are made of them.
struct Rejoined: NamedWeights {
    let source: any NamedWeights

    init(_ source: any NamedWeights) { self.source = source }

    private static let whole = ".kv_b_proj.", keys = ".k_b_proj.", values = ".v_b_proj."

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        if let found = try source.tensor(name, fresh) { return found }
        guard name.contains(Self.whole),
            let keys = try source.tensor(name.replacing(Self.whole, with: Self.keys), nil),
            let values = try source.tensor(name.replacing(Self.whole, with: Self.values), nil)
        else { return nil }
        guard keys.shape.count == 3, values.shape.count == 3, keys.shape[0] == values.shape[0],
            keys.shape[1] == values.shape[2]
        else {
            let expected = [keys.shape[0], values.shape.count, keys.shape.count > 1 ? keys.shape[1] : 1]
            throw CheckpointError.shape(name, expected: expected, found: Array(values.shape))
        }
        return Self.joined(keys, values)
    }

    var entries: [WeightEntry] {
        let entries = source.entries
        let values = Dictionary(
            entries.filter { $0.name.contains(Self.values) }.map { ($0.name, $0) },
            uniquingKeysWith: { $1 }
        )
        return entries.compactMap { entry in
            guard entry.name.contains(Self.keys), entry.shape.count == 3 else {
                return entry.name.contains(Self.values) ? nil : entry
            }
            guard let other = values[entry.name.replacing(Self.keys, with: Self.values)], other.shape.count == 3 else {
                return entry
            }
            let dtype = entry.dtype == other.dtype && !entry.dtype.isQuantized ? entry.dtype : .float16
            let shape = [entry.shape[0] * (entry.shape[2] + other.shape[1]), entry.shape[1]]
            return WeightEntry(entry.name.replacing(Self.keys, with: Self.whole), dtype, shape)
        }
    }

    private static func joined(_ keys: Tensor, _ values: Tensor) -> Tensor {
        guard keys.dtype == values.dtype, !keys.dtype.isQuantized else {
            return joined(half(keys), half(values))
        }
        let heads = keys.shape[0], latent = keys.shape[1], width = keys.shape[2], size = keys.dtype.bytesPerBlock
        let row = latent * size, ofKeys = width * row, ofValues = values.shape[1] * row
        let block = MemoryBlock(heads * (ofKeys + ofValues))
        for head in 0..<heads {
            let turned = keys.rows(head * latent..<(head + 1) * latent, of: width).turned
            copy(turned, 0..<ofKeys, block, at: head * (ofKeys + ofValues))
            copy(values, head * ofValues..<(head + 1) * ofValues, block, at: head * (ofKeys + ofValues) + ofKeys)
        }
        return Tensor(
            borrowing: UnsafeRawBufferPointer(block.buffer),
            owner: block,
            dtype: keys.dtype,
            shape: [heads * (width + values.shape[1]), latent]
        )
    }

    private static func half(_ tensor: Tensor) -> Tensor {
        Tensor(tensor.scalars, shape: tensor.shape).stored(as: .float16)
    }

    private static func copy(_ tensor: Tensor, _ range: Range<Int>, _ block: MemoryBlock, at offset: Int) {
        tensor.withBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: block.buffer[offset..<offset + range.count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }
}

extension Tensor {
    /// Some rows of a float tensor, of `width` numbers each.
    fileprivate func rows(_ range: Range<Int>, of width: Int) -> Tensor {
        let size = width * dtype.bytesPerBlock
        let block = withBytes { bytes in
            let block = MemoryBlock(range.count * size)
            block.buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound * size..<range.upperBound * size])
            )
            return block
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: dtype, shape: [range.count, width])
    }
}
