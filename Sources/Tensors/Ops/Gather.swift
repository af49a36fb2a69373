import CKernels

/// Returns some rows of a matrix of any dtype, as floats: `[rows.count, width]`.
public func gather(_ table: Tensor, rows: [Int32]) -> Tensor {
    precondition(table.shape.count == 2, "gather: \(table.shape) is no matrix")
    let width = table.shape[1]
    let y = Tensor([rows.count, width]) { target in
        parallel(rows: rows.count, grain: 8) { range, _ in
            for row in range {
                precondition(rows[row] >= 0 && rows[row] < table.shape[0], "gather: row \(rows[row]) of \(table.shape)")
                table.read(row: Int(rows[row]), into: target + row * width)
            }
        }
    }
    return y.made(from: [table], adding: { [shape = table.shape] in scatter($0, rows: rows, shape, to: &$1[0]) })
}

/// Adds each gathered row to its row of the table; every thread owns some columns, so the order is fixed.
private func scatter(_ gradient: Tensor, rows: [Int32], _ shape: Shape, to sum: inout Tensor?) {
    let width = shape[1], source = gradient.floats
    var sums = sum ?? Tensor.zeros(shape)
    sum = nil
    sums.change { target in
        parallel(rows: (width + 63) / 64, grain: 1) { range, _ in
            let columns = range.lowerBound * 64..<min(width, range.upperBound * 64)
            for (index, row) in rows.enumerated() {
                let at = target.baseAddress! + Int(row) * width + columns.lowerBound
                Kernel.table.add_scaled(at, source + index * width + columns.lowerBound, 1, columns.count)
            }
        }
    }
    sum = withExtendedLifetime(gradient) { sums }
}
