public import Tensors

extension Tensor {
    /// The same values stored as another type, rounded as the ggml project's reference rounds them.
    ///
    /// Rows must fill the type's blocks. The k-quants (`q2_K` to `q6_K`) are read but not written: see ``DType/isWritten``.
    public func stored(as dtype: DType) -> Tensor {
        precondition(dtype.isWritten && self.dtype != .int32, "no storing of \(self.dtype) \(shape) as \(dtype)")
        guard dtype != self.dtype else { return self }
        guard dtype.isQuantized else {
            return self.dtype.isQuantized ? Tensor(scalars, shape: shape).cast(to: dtype) : cast(to: dtype)
        }
        precondition((shape.last ?? 1) % dtype.blockSize == 0, "rows of \(shape) do not fill \(dtype) blocks")
        let block = MemoryBlock(dtype.bytes(for: shape.elements)), values = scalars
        values.withUnsafeBufferPointer { values in
            for index in 0..<values.count / dtype.blockSize {
                let from = UnsafeBufferPointer(
                    rebasing: values[index * dtype.blockSize..<(index + 1) * dtype.blockSize]
                )
                BlockWriter(at: block.buffer.baseAddress! + index * dtype.bytesPerBlock).write(from, dtype)
            }
        }
        return Tensor(borrowing: UnsafeRawBufferPointer(block.buffer), owner: block, dtype: dtype, shape: shape)
    }
}

extension DType {
    /// Whether tensors can be stored as this type, and not only read from it.
    public var isWritten: Bool {
        switch self {
        case .float32, .float16, .bfloat16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: true
        case .int32, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K: false
        }
    }
}
