import CKernels

/// Returns `x · sigmoid(x)` (Hendrycks & Gimpel 2016).
public func silu(_ x: Tensor) -> Tensor {
    let ones = Tensor([Float](repeating: 1, count: x.shape.width), shape: [x.shape.width])
    let width = x.shape.width, (source, one) = (x.floats, ones.floats)
    let y = Tensor(x.shape) { target in
        parallel(rows: x.shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
            for at in rows.lazy.map({ $0 * width }) { Kernel.table.swiglu(target + at, source + at, one, width) }
        }
    }
    return withExtendedLifetime((x, ones)) { y.made(from: [x]) { [siluGradient(x.detached, ones, $0)] } }
}

private func siluGradient(_ x: Tensor, _ ones: Tensor, _ gradient: Tensor) -> Tensor {
    let width = x.shape.width, (source, one, d) = (x.floats, ones.floats, gradient.floats)
    let unused = Tensor(empty: x.shape), other = unused.floats
    return Tensor(x.shape) { target in
        parallel(rows: x.shape.rows, grain: max(1, 8192 / max(width, 1))) { rows, _ in
            for at in rows.lazy.map({ $0 * width }) {
                Kernel.table.swiglu_back(target + at, other + at, source + at, one, d + at, width)
            }
        }
        withExtendedLifetime((x, ones, gradient, unused)) {}
    }
}
