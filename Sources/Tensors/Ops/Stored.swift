import CKernels

extension Tensor {
    /// The same values stored as another type.
    ///
    /// Rows must fill the type's blocks. Scales and levels are searched for, so that the squared error is small; without
    /// weights the types of 32 columns (`q4_0` to `q8_0`) are rounded as the ggml project's reference rounds them, to the bit.
    ///
    /// - Parameter weights: what a squared error in each column weighs, `[width]`, all above 0 and about 1: see
    ///   `Importance` in Checkpoints. nil where all weigh the same. Float types and `q8_0` leave no choice and take no notice.
    public func stored(as dtype: DType, weighing weights: [Float]? = nil) -> Tensor {
        precondition(dtype.isWritten && self.dtype.weight != nil, "no storing of \(self.dtype) \(shape) as \(dtype)")
        guard dtype != self.dtype else { return self }
        guard dtype.isQuantized, let type = dtype.weight else { return cast(to: dtype) }
        let width = shape.width, rowBytes = dtype.bytes(for: width)
        precondition(weights == nil || weights?.count == width, "\(weights!.count) weights for rows of \(width)")
        let result = Tensor(shape, dtype, Storage(dtype.bytes(for: shape.elements)))
        parallel(rows: shape.rows, grain: 1) { rows, _ in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { row in
                for index in rows {
                    readQuickly(row: index, into: row.baseAddress!)
                    Kernel.table.encode(type, result.start + index * rowBytes, row.baseAddress!, weights, width)
                }
            }
        }
        return withExtendedLifetime(self) { result }
    }

    /// The largest magnitude of all elements; no number if any is none.
    public var peak: Float {
        let width = shape.width
        var peaks = [Float](repeating: 0, count: Threads.count)
        peaks.withUnsafeMutableBufferPointer { peaks in
            parallel(rows: shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, thread in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { row in
                    for index in rows {
                        readQuickly(row: index, into: row.baseAddress!)
                        peaks[thread] = Tensor.larger(peaks[thread], Kernel.table.peak(row.baseAddress!, width))
                    }
                }
            }
        }
        return peaks.reduce(0, Tensor.larger)
    }

    /// The larger of two magnitudes, of which what is no number is the largest.
    private static func larger(_ a: Float, _ b: Float) -> Float { a.isNaN || b <= a ? a : b }
}

extension DType {
    /// Whether tensors can be stored as this type, and not only read from it.
    public var isWritten: Bool {
        switch self {
        case .float32, .float16, .bfloat16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K: true
        case .int32, .iq4_NL, .iq4_XS, .mxfp4, .tq2_0: false
        }
    }
}
