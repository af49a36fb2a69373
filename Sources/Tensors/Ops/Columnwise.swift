import CKernels

/// Returns `x * scale`, each column of `x` `[…, width]` times its own factor of `scale` `[width]`.
public func columnwise(_ x: Tensor, times scale: Tensor) -> Tensor {
    let y = eachRow(x, scale, Kernel.table.multiply)
    return y.made(from: [x, scale]) { [x, scale] gradient in
        [
            x.isTracked ? eachRow(gradient, scale, Kernel.table.multiply) : nil,
            scale.isTracked ? (gradient * x.detached).summedRows.reshaped(to: scale.shape) : nil,
        ]
    }
}

/// Returns `x + shift`, each column of `x` `[…, width]` plus its own number of `shift` `[width]`.
public func columnwise(_ x: Tensor, plus shift: Tensor) -> Tensor {
    eachRow(x, shift, Kernel.table.add).made(from: [x, shift]) { [shift] in
        [$0, shift.isTracked ? $0.summedRows.reshaped(to: shift.shape) : nil]
    }
}

/// The sum of the squares in each column of `x` `[…, width]`: `[width]`. It has no gradient.
public func squaresByColumn(_ x: Tensor) -> Tensor { (x.detached * x.detached).summedRows }

private func eachRow(
    _ x: Tensor,
    _ vector: Tensor,
    _ kernel: @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
) -> Tensor {
    let width = x.shape.width, source = x.floats, operand = vector.floats
    precondition(vector.shape == [width], "columnwise: \(vector.shape) does not fit \(x.shape)")
    return Tensor(x.shape) { target in
        parallel(rows: x.shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
            for at in rows.lazy.map({ $0 * width }) { kernel(target + at, source + at, operand, width) }
        }
        withExtendedLifetime((x, vector)) {}
    }
}
