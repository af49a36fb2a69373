import CKernels

/// Applies a kernel of two operands to rows of equal shape, on all threads if there are many.
private func zipped(
    _ a: Tensor,
    _ b: Tensor,
    _ kernel: @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Void,
    _ name: String
) -> Tensor {
    precondition(a.shape == b.shape, "\(name): shapes \(a.shape) and \(b.shape) differ")
    let (x, y) = (a.floats, b.floats), width = a.shape.width
    return Tensor(a.shape) { target in
        parallel(rows: a.shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
            let at = rows.lowerBound * width
            kernel(target + at, x + at, y + at, rows.count * width)
        }
    }
}

extension Tensor {
    public static func + (a: Tensor, b: Tensor) -> Tensor { zipped(a, b, Kernel.table.add, "add") }
    public static func * (a: Tensor, b: Tensor) -> Tensor { zipped(a, b, Kernel.table.multiply, "multiply") }

    public static func * (a: Tensor, factor: Float) -> Tensor {
        let x = a.floats
        return Tensor(a.shape) { Kernel.table.scale($0, x, factor, a.shape.elements) }
    }
}

/// Returns `silu(gate) * up`, the middle of a SwiGLU layer (Shazeer 2020).
public func swiGLU(_ gate: Tensor, _ up: Tensor) -> Tensor { zipped(gate, up, Kernel.table.swiglu, "swiGLU") }

/// Returns `gelu(gate) * up` with the tanh approximation, the middle of a GeGLU layer (Shazeer 2020).
public func geGLU(_ gate: Tensor, _ up: Tensor) -> Tensor { zipped(gate, up, Kernel.table.geglu, "geGLU") }
