import CKernels
import Foundation

/// `cap · tanh(x / cap)`: large values come no further than `cap` (Bello et al. 2016; Gemma Team 2024).
public func softcapped(_ x: Tensor, _ cap: Float) -> Tensor {
    precondition(cap > 0, "softcapped: \(cap)")
    let source = x.floats
    let y = Tensor(x.shape) { target in
        parallel(rows: x.shape.elements, grain: grainOfElements) { range, _ in
            for index in range { target[index] = cap * tanh(source[index] / cap) }
        }
    }
    return withExtendedLifetime(x) { y.made(from: [x]) { [y] gradient in [gradient * slopes(y, cap)] } }
}

/// How fast a capped value grows with what it was made of: `1 - (y / cap)²`.
private func slopes(_ y: Tensor, _ cap: Float) -> Tensor {
    let source = y.floats
    return Tensor(y.shape) { target in
        for index in 0..<y.shape.elements { target[index] = 1 - (source[index] / cap) * (source[index] / cap) }
        withExtendedLifetime(y) {}
    }
}

extension AffineMap {
    /// The same map, whose results go no further than a bound; 0 for none.
    public func capped(_ cap: Float) -> AffineMap {
        AffineMap(weight, bias: bias, adapter: adapter, cap: cap, isRounded: isRounded)
    }
}
