import CKernels

/// Returns `x` with mean 0 and variance 1 along its last axis, times `weight`, plus `bias` (Ba, Kiros & Hinton 2016).
///
/// `weight` and `bias` are `[width]`, for an `x` of `[…, width]`.
public func layerNorm(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, epsilon: Float) -> Tensor {
    normed(x, weight, bias, epsilon)
        .made(from: [x, weight, bias], again: { normed(x, weight, bias, epsilon) }) {
            layerNormGradients(x.detached, weight.detached, $0, epsilon)
        }
}

private func normed(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, _ epsilon: Float) -> Tensor {
    let width = x.shape.width
    precondition(
        weight.shape == [width] && bias.shape == [width],
        "layerNorm: weight \(weight.shape) and bias \(bias.shape) do not fit \(x.shape)"
    )
    let (source, w, b) = (x.floats, weight.floats, bias.floats)
    return Tensor(x.shape) { target in
        parallel(rows: x.shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
            for row in rows {
                Kernel.table.layer_norm(target + row * width, source + row * width, w, b, width, epsilon)
            }
        }
    }
}

/// Rows are summed in chunks of 32, whoever works them out, so that no gradient depends on the threads.
private func layerNormGradients(_ x: Tensor, _ weight: Tensor, _ gradient: Tensor, _ epsilon: Float) -> [Tensor?] {
    let width = x.shape.width, rows = x.shape.rows, size = 32, chunks = (rows + size - 1) / size
    let dx = Tensor(empty: x.shape)
    let (weights, biases) = (Tensor.zeros([max(chunks, 1), width]), Tensor.zeros([max(chunks, 1), width]))
    let (source, w, d, target) = (x.floats, weight.floats, gradient.floats, dx.floats)
    let (dWeight, dBias) = (weights.floats, biases.floats)
    parallel(rows: chunks, grain: 1) { range, _ in
        for chunk in range {
            let share = chunk * width
            for row in chunk * size..<min(rows, (chunk + 1) * size) {
                let at = row * width
                Kernel.table.layer_norm_back(
                    target + at,
                    dWeight + share,
                    dBias + share,
                    source + at,
                    w,
                    d + at,
                    width,
                    epsilon
                )
            }
        }
    }
    return withExtendedLifetime((x, weight, gradient)) { [dx, weights.summedRows, biases.summedRows] }
}
