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
        let width = shape.width, rowBytes = dtype.bytes(for: width), type = dtype.weight!
        parallel(rows: shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { row in
                for index in rows {
                    let floats = self.dtype == .float32 && layout == .rows ? self.floats + index * width : nil
                    if floats == nil { readQuickly(row: index, into: row.baseAddress!) }
                    Kernel.table.narrow(type, result.start + index * rowBytes, floats ?? row.baseAddress!, width)
                }
            }
        }
        return result.made(from: [self]) { [$0] }
    }

    /// Reads one row as floats, by the best kernel there is.
    func readQuickly(row: Int, into target: UnsafeMutablePointer<Float>) {
        guard layout == .rows, let type = dtype.weight, !dtype.isQuantized else { return read(row: row, into: target) }
        Kernel.table.widen(type, target, start + row * dtype.bytes(for: shape.width), shape.width)
    }
}
