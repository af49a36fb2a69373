import CKernels

/// Applies a kernel of two operands to rows of equal shape, on all threads if there are many.
private func zipped(
    _ a: Tensor,
    _ b: Tensor,
    _ kernel: @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Void,
    _ name: String,
    isRounded: Bool = false
) -> Tensor {
    precondition(a.shape == b.shape, "\(name): shapes \(a.shape) and \(b.shape) differ")
    let (x, y) = (a.floats, b.floats), width = a.shape.width
    return madeRows(a.shape, isRounded: isRounded, grain: max(1, 8192 / max(width, 1))) { rows, target in
        let at = rows.lowerBound * width
        kernel(target + at, x + at, y + at, rows.count * width)
    }
}

extension Tensor {
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        zipped(a, b, Kernel.table.add, "add").made(from: [a, b]) { [$0, $0] }
    }

    public static func * (a: Tensor, b: Tensor) -> Tensor {
        zipped(a, b, Kernel.table.multiply, "multiply").made(from: [a, b]) { [a, b] in
            [a.isTracked ? $0 * b.detached : nil, b.isTracked ? $0 * a.detached : nil]
        }
    }

    public static func * (a: Tensor, factor: Float) -> Tensor {
        let x = a.floats
        let y = Tensor(a.shape) { target in
            parallel(rows: a.shape.elements, grain: grainOfElements) { range, _ in
                Kernel.table.scale(target + range.lowerBound, x + range.lowerBound, factor, range.count)
            }
        }
        return withExtendedLifetime(a) { y.made(from: [a]) { [$0 * factor] } }
    }
}

/// Returns `silu(gate) * up`, the middle of a SwiGLU layer (Shazeer 2020).
///
/// - Parameter isRounded: as in ``rmsNorm(_:_:epsilon:isRounded:)``.
public func swiGLU(_ gate: Tensor, _ up: Tensor, isRounded: Bool = false) -> Tensor {
    zipped(gate, up, Kernel.table.swiglu, "swiGLU", isRounded: isRounded)
        .made(from: [gate, up], again: { zipped(gate, up, Kernel.table.swiglu, "swiGLU") }) {
            gated(gate, up, $0, Kernel.table.swiglu_back)
        }
}

/// Returns `gelu(gate) * up` with the tanh approximation, the middle of a GeGLU layer (Shazeer 2020).
///
/// - Parameter isRounded: as in ``rmsNorm(_:_:epsilon:isRounded:)``.
public func geGLU(_ gate: Tensor, _ up: Tensor, isRounded: Bool = false) -> Tensor {
    zipped(gate, up, Kernel.table.geglu, "geGLU", isRounded: isRounded)
        .made(from: [gate, up], again: { zipped(gate, up, Kernel.table.geglu, "geGLU") }) {
            gated(gate, up, $0, Kernel.table.geglu_back)
        }
}

private typealias GateBack =
    @convention(c) (
        UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?,
        UnsafePointer<Float>?, Int
    ) -> Void

/// The gradients of a gated activation with respect to gate and up.
private func gated(_ gate: Tensor, _ up: Tensor, _ gradient: Tensor, _ kernel: GateBack) -> [Tensor?] {
    let width = gate.shape.width, (g, u, d) = (gate.floats, up.floats, gradient.floats)
    let (dGate, dUp) = (Tensor(empty: gate.shape), Tensor(empty: up.shape))
    let (first, second) = (dGate.floats, dUp.floats)
    parallel(rows: gate.shape.rows, grain: max(1, 8192 / max(width, 1))) { rows, _ in
        let at = rows.lowerBound * width
        kernel(first + at, second + at, g + at, u + at, d + at, rows.count * width)
    }
    return withExtendedLifetime((gate, up, gradient)) { [dGate, dUp] }
}
