extension Tensor {
    /// A matrix with the same singular vectors and singular values near one: five Newton–Schulz steps in float32, with the
    /// coefficients of Jordan et al. 2024 (“Muon”), which bring every singular value to some 0.7 … 1.2.
    package var orthogonalized: Tensor {
        precondition(shape.count == 2, "only a matrix can be orthogonalised, not \(shape)")
        let isTall = shape[0] > shape[1], matrix = isTall ? transposed : detached
        var x = matrix * (1 / max(norm(["": matrix]), 1e-7))
        for _ in 0..<5 {
            let square = linear(x, x)
            let sum = square * -4.7750 + linear(square, square) * 2.0315
            x = x * 3.4445 + linear(sum, x.transposed)
        }
        return isTall ? x.transposed : x
    }
}
