import CKernels

/// The weighted sum of some rows for each row of the result: `y[r] = Σ weights[r][i] · x[places[r][i]]`, in the order of `i`.
///
/// - Parameters:
///   - x: `[slots, width]`.
///   - places: `[rows, count]` end to end: each slot once.
///   - weights: `[rows, count]`.
/// - Returns: `[rows, width]`.
public func mixture(_ x: Tensor, at places: [Int32], _ weights: Tensor) -> Tensor {
    let width = x.shape.width, rows = weights.shape[0], count = weights.shape[1]
    precondition(places.count == rows * count && x.shape.rows == places.count, "mixture: \(x.shape), \(weights.shape)")
    let (source, w) = (x.floats, weights.floats)
    let y = Tensor([rows, width]) { target in
        parallel(rows: rows, grain: max(1, 16384 / max(width * count, 1))) { range, _ in
            for row in range {
                let y = target + row * width
                y.update(repeating: 0, count: width)
                for slot in row * count..<(row + 1) * count {
                    Kernel.table.add_scaled(y, source + Int(places[slot]) * width, w[slot], width)
                }
            }
        }
        withExtendedLifetime((x, weights)) {}
    }
    return y.made(from: [x, weights]) { mixtureGradients(x.detached, places, weights.detached, $0) }
}

private func mixtureGradients(_ x: Tensor, _ places: [Int32], _ weights: Tensor, _ gradient: Tensor) -> [Tensor?] {
    let width = x.shape.width, count = weights.shape[1]
    let dx = Tensor(empty: x.shape), dWeights = Tensor(empty: weights.shape)
    let (source, w, d, target, slopes) = (x.floats, weights.floats, gradient.floats, dx.floats, dWeights.floats)
    parallel(rows: places.count, grain: max(1, 16384 / max(width, 1))) { range, _ in
        for slot in range {
            let at = Int(places[slot]) * width, dy = d + slot / count * width
            Kernel.table.scale(target + at, dy, w[slot], width)
            slopes[slot] = Kernel.table.dot(dy, source + at, width)
        }
    }
    return withExtendedLifetime((x, weights, gradient)) { [dx, dWeights] }
}
