import CKernels

extension Tensor {
    /// The same values as another float type: rounded to the nearest, ties to even.
    ///
    /// Its gradient passes as if nothing had been rounded, so that a master copy in float32 learns through weights in bfloat16.
    public func cast(to dtype: DType) -> Tensor {
        precondition(
            !dtype.isQuantized && dtype != .int32 && self.dtype != .int32,
            "no cast of \(self.dtype) to \(dtype)"
        )
        guard dtype != self.dtype else { return self }
        let result = Tensor(shape, dtype, Storage(dtype.bytes(for: shape.elements)))
        let width = shape.width, rowBytes = dtype.bytes(for: width)
        parallel(rows: shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { row in
                for index in rows {
                    read(row: index, into: row.baseAddress!)
                    write_floats(dtype.weight!, result.start + index * rowBytes, row.baseAddress!, width)
                }
            }
        }
        return result.made(from: [self]) { [$0] }
    }
}
