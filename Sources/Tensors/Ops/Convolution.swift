import CKernels

/// Mixes each row with those before it in its sequence, every column by itself:
/// `y[t] = bias + Σ weight[:, i] · x[t - taps + 1 + i]`.
///
/// What comes before a sequence is zero. Its last rows are kept in its state in the cache, for the rows that go on.
///
/// - Parameters:
///   - x: `[rows, width]`.
///   - weight: `[width, taps]`.
///   - bias: `[width]`.
///   - part: where in the layer's state the rows are kept, `(taps - 1) · width` numbers.
public func convolution(
    _ x: Tensor,
    _ weight: Tensor,
    _ bias: Tensor,
    layer: Int,
    part: Range<Int>,
    plan: AttentionPlan,
    cache: KeyValueCache
) -> Tensor {
    let width = x.shape.width, taps = weight.shape.width
    precondition(x.shape == [plan.positions.count, width], "convolution: \(x.shape)")
    precondition(weight.shape == [width, taps] && bias.shape == [width], "convolution: \(weight.shape), \(bias.shape)")
    precondition(part.count == (taps - 1) * width, "convolution: a state of \(part.count)")
    let states = cache.states(of: plan, layer: layer, part: part), turned = weight.transposed
    let rows = Neighbours(x, before: states, taps: taps, plan)
    let y = rows.convolved(turned, bias)
    for (sequence, state) in zip(plan.begun, states) { keep(x, sequence.rows, taps: taps, in: state) }
    return withExtendedLifetime((x, cache)) {
        y.made(from: [x, weight, bias]) { gradients(x.detached, weight.detached, $0, plan) }
    }
}

/// The last `taps - 1` rows of a sequence; the oldest first.
private func keep(_ x: Tensor, _ rows: Range<Int>, taps: Int, in state: UnsafeMutablePointer<Float>) {
    let width = x.shape.width, new = min(rows.count, taps - 1), old = taps - 1 - new
    for row in 0..<old { (state + row * width).update(from: state + (row + new) * width, count: width) }
    (state + old * width).update(from: x.floats + (rows.upperBound - new) * width, count: new * width)
    withExtendedLifetime(x) {}
}

/// The rows of sequences, each sequence with `taps - 1` rows of another place before or after it.
private struct Neighbours {
    private let x: Tensor, taps: Int
    /// The rows' places, and for each row which of these is the first that it is mixed from.
    let places: [UnsafePointer<Float>?], starts: [Int]

    init(_ x: Tensor, before states: [UnsafeMutablePointer<Float>], taps: Int, _ plan: AttentionPlan) {
        let width = x.shape.width
        self.init(x, taps, plan) { index, rows in
            (0..<taps - 1).map { UnsafePointer(states[index] + $0 * width) } + rows
        }
    }

    /// - Parameter edge: a row of zeros.
    init(_ x: Tensor, edge: UnsafePointer<Float>, isAfter: Bool, taps: Int, _ plan: AttentionPlan) {
        let edges = [UnsafePointer<Float>?](repeating: edge, count: taps - 1)
        self.init(x, taps, plan) { _, rows in isAfter ? rows + edges : edges + rows }
    }

    private init(
        _ x: Tensor,
        _ taps: Int,
        _ plan: AttentionPlan,
        _ extended: (Int, [UnsafePointer<Float>?]) -> [UnsafePointer<Float>?]
    ) {
        var places: [UnsafePointer<Float>?] = [], starts: [Int] = []
        for (index, sequence) in plan.begun.enumerated() {
            starts += sequence.rows.indices.map { places.count + $0 - sequence.rows.lowerBound }
            places += extended(index, sequence.rows.map { UnsafePointer(x.floats + $0 * x.shape.width) })
        }
        (self.x, self.taps, self.places, self.starts) = (x, taps, places, starts)
    }

    /// - Parameter weight: `[taps, width]`.
    func convolved(_ weight: Tensor, _ bias: Tensor?) -> Tensor {
        let width = x.shape.width, w = weight.floats, b = bias?.floats
        return Tensor(x.shape) { target in
            places.withUnsafeBufferPointer { places in
                parallel(rows: starts.count, grain: max(1, 8192 / max(width, 1))) { rows, _ in
                    for row in rows {
                        let own = places.baseAddress! + starts[row]
                        Kernel.table.convolve(target + row * width, own, w, b, taps, width)
                    }
                }
            }
            withExtendedLifetime((x, weight, bias)) {}
        }
    }
}

private func gradients(_ x: Tensor, _ weight: Tensor, _ gradient: Tensor, _ plan: AttentionPlan) -> [Tensor?] {
    precondition(plan.isWithoutPast, "a convolution that goes on has no gradient")
    let width = x.shape.width, taps = weight.shape.width, edge = Tensor.zeros([width])
    let turned = weight.transposed.scalars
    let backwards = (0..<taps).reversed().flatMap { turned[$0 * width..<($0 + 1) * width] }
    let after = Neighbours(gradient, edge: edge.floats, isAfter: true, taps: taps, plan)
    let dx = after.convolved(Tensor(backwards, shape: [taps, width]), nil)
    let before = Neighbours(x, edge: edge.floats, isAfter: false, taps: taps, plan)
    return withExtendedLifetime(edge) {
        [dx, weightGradient(before, gradient, taps).transposed, gradient.summedRows]
    }
}

/// `[taps, width]`, every thread owning some columns.
private func weightGradient(_ rows: Neighbours, _ gradient: Tensor, _ taps: Int) -> Tensor {
    let width = gradient.shape.width, sum = Tensor.zeros([taps, width]), (target, d) = (sum.floats, gradient.floats)
    parallel(rows: (width + 127) / 128, grain: 1) { range, _ in
        let columns = range.lowerBound * 128..<min(width, range.upperBound * 128), at = columns.lowerBound
        for (row, start) in rows.starts.enumerated() {
            var slope: UnsafePointer<Float>? = UnsafePointer(d + row * width + at)
            for tap in 0..<taps {
                let own = target + tap * width + at
                Kernel.table.convolve(own, &slope, rows.places[start + tap]! + at, own, 1, columns.count)
            }
        }
    }
    return withExtendedLifetime(gradient) { sum }
}
