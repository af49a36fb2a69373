import CKernels

/// Returns `x · Φ(x)` for each element, with the normal distribution's Φ to 1e-7 (Hendrycks & Gimpel 2016).
public func gelu(_ x: Tensor) -> Tensor {
    mapped(x, Kernel.table.gelu_erf).made(from: [x], again: { mapped(x, Kernel.table.gelu_erf) }) {
        pulled(x.detached, $0, Kernel.table.gelu_erf_back)
    }
}

/// Returns `x · ½(1 + tanh(√(2/π)(x + 0.044715 x³)))` for each element: GELU as GPT-2 approximates it (Hendrycks & Gimpel 2016).
public func tanhGELU(_ x: Tensor) -> Tensor {
    mapped(x, Kernel.table.gelu_tanh).made(from: [x], again: { mapped(x, Kernel.table.gelu_tanh) }) {
        pulled(x.detached, $0, Kernel.table.gelu_tanh_back)
    }
}

private typealias Map = @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
private typealias MapBack =
    @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Void

private func mapped(_ x: Tensor, _ kernel: Map) -> Tensor {
    let width = x.shape.width, source = x.floats
    return Tensor(x.shape) { target in
        parallel(rows: x.shape.rows, grain: max(1, 8192 / max(width, 1))) { rows, _ in
            let at = rows.lowerBound * width
            kernel(target + at, source + at, rows.count * width)
        }
    }
}

/// The gradient with respect to what was mapped.
private func pulled(_ x: Tensor, _ gradient: Tensor, _ kernel: MapBack) -> [Tensor?] {
    let width = x.shape.width, (source, d) = (x.floats, gradient.floats), dx = Tensor(empty: x.shape)
    let target = dx.floats
    parallel(rows: x.shape.rows, grain: max(1, 8192 / max(width, 1))) { rows, _ in
        let at = rows.lowerBound * width
        kernel(target + at, source + at, d + at, rows.count * width)
    }
    return withExtendedLifetime((x, gradient)) { [dx] }
}
