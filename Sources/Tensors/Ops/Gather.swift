/// Returns some rows of a matrix of any dtype, as floats: `[rows.count, width]`.
public func gather(_ table: Tensor, rows: [Int32]) -> Tensor {
    precondition(table.shape.count == 2, "gather: \(table.shape) is no matrix")
    let width = table.shape[1]
    return Tensor([rows.count, width]) { target in
        parallel(rows: rows.count, grain: 8) { range, _ in
            for row in range {
                precondition(rows[row] >= 0 && rows[row] < table.shape[0], "gather: row \(rows[row]) of \(table.shape)")
                table.read(row: Int(rows[row]), into: target + row * width)
            }
        }
    }
}
