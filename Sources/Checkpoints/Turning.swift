package import Tensors

extension Tensor {
    /// The transpose of a matrix in the same float type, or in float32 where it was quantised; what is no matrix as it is.
    package var turned: Tensor {
        guard shape.count == 2 else { return self }
        guard !dtype.isQuantized, !isPacked else { return Tensor(scalars, shape: shape).turned }
        let (rows, columns) = (shape[0], shape[1]), size = dtype.bytesPerBlock
        let block = withBytes { source in
            let block = MemoryBlock(source.count)
            switch size {
            case 2: turn(source, block.buffer, rows, columns, UInt16.self)
            default: turn(source, block.buffer, rows, columns, UInt32.self)
            }
            return block
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: dtype, shape: [columns, rows])
    }
}

/// In squares that stay in the nearest cache.
private func turn<Element: BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer,
    _ target: UnsafeMutableRawBufferPointer,
    _ rows: Int,
    _ columns: Int,
    _: Element.Type
) {
    let (x, y) = (source.bindMemory(to: Element.self), target.bindMemory(to: Element.self)), side = 16
    for top in stride(from: 0, to: rows, by: side) {
        for left in stride(from: 0, to: columns, by: side) {
            for row in top..<min(top + side, rows) {
                for column in left..<min(left + side, columns) { y[column * rows + row] = x[row * columns + column] }
            }
        }
    }
}
