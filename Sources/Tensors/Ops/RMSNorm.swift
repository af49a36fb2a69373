import CKernels

/// Returns `x` scaled to unit root-mean-square along its last axis, times `weight` (Zhang & Sennrich 2019).
///
/// - Parameter isRounded: whether quantised weights read the rows next, which are then rounded for them as they are made.
public func rmsNorm(_ x: Tensor, _ weight: Tensor, epsilon: Float, isRounded: Bool = false) -> Tensor {
    normed(x, weight, epsilon, isRounded: isRounded)
        .made(from: [x, weight], again: { normed(x, weight, epsilon, isRounded: false) }) {
            rmsNormGradients(x.detached, weight.detached, $0, epsilon)
        }
}

private func normed(_ x: Tensor, _ weight: Tensor, _ epsilon: Float, isRounded: Bool) -> Tensor {
    let width = x.shape.width
    precondition(weight.shape == [width], "rmsNorm: weight \(weight.shape) does not fit \(x.shape)")
    let (source, w) = (x.floats, weight.floats)
    return madeRows(x.shape, isRounded: isRounded, grain: max(1, 8192 / max(width, 1))) { rows, target in
        for row in rows { Kernel.table.rms_norm(target + row * width, source + row * width, w, width, epsilon) }
    }
}

/// Rows are summed in chunks of 32, whoever works them out, so that the weight's gradient does not depend on the threads.
private func rmsNormGradients(_ x: Tensor, _ weight: Tensor, _ gradient: Tensor, _ epsilon: Float) -> [Tensor?] {
    let width = x.shape.width, rows = x.shape.rows, size = 32, chunks = (rows + size - 1) / size
    let dx = Tensor(empty: x.shape), shares = Tensor.zeros([max(chunks, 1), width])
    let (source, w, d, target, sums) = (x.floats, weight.floats, gradient.floats, dx.floats, shares.floats)
    parallel(rows: chunks, grain: 1) { range, _ in
        for chunk in range {
            for at in stride(from: chunk * size, to: min(rows, (chunk + 1) * size), by: 1).map({ $0 * width }) {
                Kernel.table.rms_norm_back(target + at, sums + chunk * width, source + at, w, d + at, width, epsilon)
            }
        }
    }
    return withExtendedLifetime((x, weight, gradient)) { [dx, shares.summedRows] }
}
