import Tensors

/// Writes a block of 32 values at an address: scales in half precision, then whole numbers of few bits.
///
/// The blocks and their rounding are those of the ggml project (`ggml-quants.c`, the `_ref` functions).
struct BlockWriter {
    private let target: UnsafeMutableRawPointer

    init(at target: UnsafeMutableRawPointer) { self.target = target }

    func write(_ values: UnsafeBufferPointer<Float>, _ dtype: DType) {
        switch dtype {
        case .q8_0: writeBytes(values)
        case .q4_0: writeSymmetric(values, levels: 16, bits: nil, at: 2)
        case .q5_0: writeSymmetric(values, levels: 32, bits: 2, at: 6)
        case .q4_1: writeFromMinimum(values, levels: 16, bits: nil, at: 4)
        case .q5_1: writeFromMinimum(values, levels: 32, bits: 4, at: 8)
        default: preconditionFailure("blocks of \(dtype) are not written")
        }
    }

    private func writeBytes(_ values: UnsafeBufferPointer<Float>) {
        let scale = values.reduce(0) { max($0, abs($1)) } / 127, inverse = scale == 0 ? 0 : 1 / scale
        put(scale, at: 0)
        for (index, value) in values.enumerated() {
            put(UInt8(bitPattern: Int8((value * inverse).rounded())), at: 2 + index)
        }
    }

    /// The value of the greatest magnitude becomes the lowest level, so that it is met exactly.
    private func writeSymmetric(_ values: UnsafeBufferPointer<Float>, levels: Int, bits: Int?, at start: Int) {
        var extreme: Float = 0
        for value in values where abs(value) > abs(extreme) { extreme = value }
        let half = Float(levels / 2), scale = extreme / -half, inverse = scale == 0 ? 0 : 1 / scale
        put(scale, at: 0)
        // One rounding for product and sum, as with a fused multiply-add.
        pack(values, levels, bits, start) { (half + 0.5).addingProduct($0, inverse) }
    }

    private func writeFromMinimum(_ values: UnsafeBufferPointer<Float>, levels: Int, bits: Int?, at start: Int) {
        let least = values.min() ?? 0, most = values.max() ?? 0
        let scale = (most - least) / Float(levels - 1), inverse = scale == 0 ? 0 : 1 / scale
        put(scale, at: 0)
        put(least, at: 2)
        pack(values, levels, bits, start) { ($0 - least) * inverse + 0.5 }
    }

    /// Four bits each, value i beside value i + 16; the fifth, where there is one, in a word of 32 bits.
    private func pack(
        _ values: UnsafeBufferPointer<Float>,
        _ levels: Int,
        _ bits: Int?,
        _ start: Int,
        _ level: (Float) -> Float
    ) {
        var fifth: UInt32 = 0
        func number(_ index: Int) -> UInt8 {
            let number = UInt8(max(0, min(Float(levels - 1), level(values[index]))))
            fifth |= UInt32(number >> 4) << UInt32(index)
            return number & 15
        }
        for index in 0..<16 { put(number(index) | number(index + 16) << 4, at: start + index) }
        if let bits { target.storeBytes(of: fifth.littleEndian, toByteOffset: bits, as: UInt32.self) }
    }

    private func put(_ scale: Float, at offset: Int) {
        target.storeBytes(of: Float16(scale).bitPattern.littleEndian, toByteOffset: offset, as: UInt16.self)
    }

    private func put(_ byte: UInt8, at offset: Int) {
        target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
}
