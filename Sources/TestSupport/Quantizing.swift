public import Tensors

extension Tensor {
    /// The same values in blocks of 32 bytes with a half-precision scale, written plainly; float32 stays as it is.
    public func quantized(to dtype: DType) -> Tensor {
        guard dtype == .q8_0 else { return self }
        var bytes: [UInt8] = []
        let values = scalars
        for start in stride(from: 0, to: values.count, by: 32) {
            let block = values[start..<start + 32]
            let scale = Float(Float16((block.map(abs).max() ?? 0) / 127))
            withUnsafeBytes(of: Float16(scale).bitPattern.littleEndian) { bytes += $0 }
            bytes += block.map { UInt8(bitPattern: Int8(max(-127, min(127, scale == 0 ? 0 : ($0 / scale).rounded())))) }
        }
        return Tensor(bytes: bytes, dtype: .q8_0, shape: shape)
    }
}

/// Quantises what ``Models`` may have quantised: maps whose rows are whole blocks.
public func quantizing(to dtype: DType) -> (Tensor) -> Tensor {
    { $0.shape.count == 2 && $0.shape[1] % 32 == 0 ? $0.quantized(to: dtype) : $0 }
}
