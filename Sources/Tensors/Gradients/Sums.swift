import CKernels

extension Tensor {
    /// Uninitialised floats.
    init(empty shape: Shape) { self.init(shape, .float32, Storage(shape.elements * 4)) }

    package static func zeros(_ shape: Shape) -> Tensor {
        Tensor(shape) { $0.update(repeating: 0, count: shape.elements) }
    }

    /// The sum of all rows, in their order: `[width]`.
    var summedRows: Tensor {
        let width = shape.width, source = floats, sum = Tensor.zeros([width])
        for row in 0..<shape.rows { Kernel.table.add_scaled(sum.floats, source + row * width, 1, width) }
        return withExtendedLifetime(self) { sum }
    }

    /// The transpose of a matrix of any dtype, as floats.
    var transposed: Tensor {
        precondition(shape.count == 2, "only a matrix can be transposed, not \(shape)")
        let (rows, columns) = (shape[0], shape[1])
        return Tensor([columns, rows]) { target in
            parallel(rows: (rows + 15) / 16, grain: 1) { range, _ in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 * columns) { buffer in
                    for block in range {
                        let first = block * 16, count = min(16, rows - first)
                        for row in 0..<count { read(row: first + row, into: buffer.baseAddress! + row * columns) }
                        Kernel.table.transpose(target + first, rows, buffer.baseAddress!, columns, count, columns)
                    }
                }
            }
        }
    }
}
