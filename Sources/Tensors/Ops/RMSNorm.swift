import CKernels

/// Returns `x` scaled to unit root-mean-square along its last axis, times `weight` (Zhang & Sennrich 2019).
public func rmsNorm(_ x: Tensor, _ weight: Tensor, epsilon: Float) -> Tensor {
    let width = x.shape.width
    precondition(weight.shape == [width], "rmsNorm: weight \(weight.shape) does not fit \(x.shape)")
    let (source, w) = (x.floats, weight.floats)
    return Tensor(x.shape) { target in
        parallel(rows: x.shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
            for row in rows { Kernel.table.rms_norm(target + row * width, source + row * width, w, width, epsilon) }
        }
    }
}
