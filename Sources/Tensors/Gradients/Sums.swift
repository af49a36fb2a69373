import CKernels

/// Elements worth handing to another thread.
let grainOfElements = 1 << 15

extension Tensor {
    /// Uninitialised floats.
    init(empty shape: Shape) { self.init(shape, .float32, Storage(shape.elements * 4)) }

    package static func zeros(_ shape: Shape) -> Tensor {
        Tensor(shape) { target in
            parallel(rows: shape.elements, grain: grainOfElements) { range, _ in
                (target + range.lowerBound).update(repeating: 0, count: range.count)
            }
        }
    }

    /// The sum of all rows, in their order: `[width]`. Every thread owns some columns.
    var summedRows: Tensor {
        let width = shape.width, rows = shape.rows, source = floats, sum = Tensor.zeros([width])
        let target = sum.floats
        parallel(rows: (width + 127) / 128, grain: max(1, 256 / max(rows, 1))) { range, _ in
            let columns = range.lowerBound * 128..<min(width, range.upperBound * 128)
            for row in 0..<rows {
                let from = source + row * width + columns.lowerBound
                Kernel.table.add_scaled(target + columns.lowerBound, from, 1, columns.count)
            }
        }
        return withExtendedLifetime(self) { sum }
    }

    /// Multiplies all elements, in place if nobody else holds them.
    package mutating func multiply(by factor: Float) {
        change { values in
            parallel(rows: values.count, grain: grainOfElements) { range, _ in
                let at = values.baseAddress! + range.lowerBound
                Kernel.table.scale(at, at, factor, range.count)
            }
        }
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

/// Adds a gradient to a sum of such, in place if nobody else holds the sum; the first is the sum.
func accumulate(_ piece: Tensor, into sum: inout Tensor?) {
    guard sum != nil else { return sum = piece }
    precondition(sum!.shape == piece.shape, "a gradient \(piece.shape) for \(sum!.shape)")
    let source = piece.floats
    sum!.change { values in
        parallel(rows: values.count, grain: grainOfElements) { range, _ in
            let at = values.baseAddress! + range.lowerBound
            Kernel.table.add(at, at, source + range.lowerBound, range.count)
        }
    }
    withExtendedLifetime(piece) {}
}
