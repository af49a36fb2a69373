import CKernels
import Foundation

/// `(up + 1) · gate · sigmoid(1.702 · gate)`, the gate no larger than `bound` and the other within it: the middle of GPT-OSS's experts
/// (OpenAI 2025).
public func boundedSwiGLU(_ gate: Tensor, _ up: Tensor, bound: Float) -> Tensor {
    precondition(gate.shape == up.shape, "boundedSwiGLU: shapes \(gate.shape) and \(up.shape) differ")
    let (g, u) = (gate.floats, up.floats)
    let y = Tensor(gate.shape) { target in
        parallel(rows: gate.shape.elements, grain: 4096) { range, _ in
            for i in range {
                let x = min(g[i], bound)
                target[i] = (min(max(u[i], -bound), bound) + 1) * x / (1 + exp(-slope * x))
            }
        }
    }
    return y.made(from: [gate, up]) { boundedGradients(gate.detached, up.detached, $0, bound) }
}

private let slope: Float = 1.702

private func boundedGradients(_ gate: Tensor, _ up: Tensor, _ gradient: Tensor, _ bound: Float) -> [Tensor?] {
    let (dGate, dUp) = (Tensor(empty: gate.shape), Tensor(empty: up.shape))
    let (g, u, d, first, second) = (gate.floats, up.floats, gradient.floats, dGate.floats, dUp.floats)
    parallel(rows: gate.shape.elements, grain: 4096) { range, _ in
        for i in range {
            let x = min(g[i], bound), other = min(max(u[i], -bound), bound), share = 1 / (1 + exp(-slope * x))
            let isOpen = g[i] <= bound, isFree = abs(u[i]) <= bound
            first[i] = isOpen ? d[i] * (other + 1) * share * (1 + slope * x * (1 - share)) : 0
            second[i] = isFree ? d[i] * x * share : 0
        }
    }
    return withExtendedLifetime((gate, up, gradient)) { [dGate, dUp] }
}
