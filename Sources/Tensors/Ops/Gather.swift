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
    return y.made(from: [table]) { [shape = table.shape] in [scatter($0, rows: rows, into: shape)] }
}

/// The sum of the rows that were gathered from each row of a table; every thread owns some columns, so the order is fixed.
private func scatter(_ gradient: Tensor, rows: [Int32], into shape: Shape) -> Tensor {
    let width = shape[1], sums = Tensor.zeros(shape)
    let (source, target) = (gradient.floats, sums.floats)
    parallel(rows: (width + 63) / 64, grain: 1) { range, _ in
        let columns = range.lowerBound * 64..<min(width, range.upperBound * 64)
        for (index, row) in rows.enumerated() {
            let at = Int(row) * width + columns.lowerBound
            Kernel.table.add_scaled(target + at, source + index * width + columns.lowerBound, 1, columns.count)
        }
    }
    return withExtendedLifetime(gradient) { sums }
}
