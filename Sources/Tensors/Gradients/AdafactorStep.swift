import CKernels

/// What a step of Adafactor multiplies by.
package struct AdafactorFactors: Sendable {
    let beta2, epsilon, clip, rate, kept: Float

    /// - Parameters:
    ///   - beta2: the share of the second moments that is kept.
    ///   - epsilon: added to each squared slope.
    ///   - clip: the root-mean-square that a step, before `rate`, is cut to.
    ///   - rate: the learning rate.
    ///   - kept: the share of the parameter that weight decay leaves.
    package init(beta2: Float, epsilon: Float, clip: Float, rate: Float, kept: Float) {
        (self.beta2, self.epsilon, self.clip) = (beta2, epsilon, clip)
        (self.rate, self.kept) = (rate, kept)
    }
}

private let grain = 16

/// One step of Adafactor (Shazeer & Stern 2018, algorithm 4) on a matrix and the means of its squared slopes, all in place.
///
/// - Parameters:
///   - rows: the running mean of each row's squares, `[rows]`.
///   - columns: that of each column's, `[width]`.
package func adafactorStep(
    _ parameter: inout Tensor,
    rows: inout Tensor,
    columns: inout Tensor,
    _ gradient: Tensor,
    _ factors: AdafactorFactors
) {
    precondition(parameter.shape == gradient.shape, "adafactorStep: \(gradient.shape) for \(parameter.shape)")
    let squares = Squares(gradient)
    rows.decay(factors.beta2, towards: squares.rows, factors.epsilon)
    columns.decay(factors.beta2, towards: squares.columns, factors.epsilon)
    let mean = rows.scalars.reduce(0.0) { $0 + Double($1) } / Double(rows.shape.elements)
    let down = rows.scalars.map { Float(1 / (Double($0) / mean).squareRoot()) }
    let across = columns.scalars.map { 1 / $0.squareRoot() }
    FactoredStep(gradient, down: down, across: across).take(on: &parameter, factors)
}

/// One step of Adafactor on a vector and its second moment, both in place.
package func adafactorStep(
    _ parameter: inout Tensor,
    second: inout Tensor,
    _ gradient: Tensor,
    _ factors: AdafactorFactors
) {
    precondition(parameter.shape == gradient.shape, "adafactorStep: \(gradient.shape) for \(parameter.shape)")
    let slopes = gradient.scalars
    second.decay(factors.beta2, towards: slopes.map { $0 * $0 }, factors.epsilon)
    let steps = zip(slopes, second.scalars).map { $0 / $1.squareRoot() }
    let size = steps.reduce(0.0) { $0 + Double($1 * $1) } / Double(max(1, steps.count))
    let rate = factors.rate / max(1, Float(size.squareRoot()) / factors.clip)
    parameter.change { for i in $0.indices { $0[i] = $0[i] * factors.kept - rate * steps[i] } }
}

/// The mean square of each row and of each column of a matrix.
private struct Squares {
    let rows, columns: [Float]

    init(_ matrix: Tensor) {
        let width = matrix.shape.width, count = matrix.shape.rows, source = matrix.floats
        var rows = [Float](repeating: 0, count: count), columns = [Float](repeating: 0, count: width)
        rows.withUnsafeMutableBufferPointer { rows in
            let sums = rows.baseAddress!
            parallel(rows: count, grain: grain) { range, _ in
                for row in range {
                    let values = source + row * width
                    sums[row] = Kernel.table.dot(values, values, width) / Float(width)
                }
            }
        }
        columns.withUnsafeMutableBufferPointer { columns in
            let sums = columns.baseAddress!
            parallel(rows: (width + 63) / 64, grain: 1) { range, _ in
                let first = range.lowerBound * 64, size = min(width, range.upperBound * 64) - first
                withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { squares in
                    for row in 0..<count {
                        let values = source + row * width + first
                        Kernel.table.multiply(squares.baseAddress!, values, values, size)
                        Kernel.table.add_scaled(sums + first, squares.baseAddress!, 1 / Float(count), size)
                    }
                }
            }
        }
        withExtendedLifetime(matrix) {}
        (self.rows, self.columns) = (rows, columns)
    }
}

/// A gradient divided by the root of a second moment that is the product of a column and a row.
private struct FactoredStep {
    let gradient: Tensor, down, across: [Float]

    init(_ gradient: Tensor, down: [Float], across: [Float]) {
        (self.gradient, self.down, self.across) = (gradient, down, across)
    }

    func take(on parameter: inout Tensor, _ factors: AdafactorFactors) {
        let size = (squares.reduce(0.0) { $0 + Double($1) } / Double(gradient.shape.elements)).squareRoot()
        let rate = factors.rate / max(1, Float(size) / factors.clip), width = gradient.shape.width
        parameter.change { values in
            let target = values.baseAddress!
            eachRow { row, step in
                let place = target + row * width
                Kernel.table.scale(place, place, factors.kept, width)
                Kernel.table.add_scaled(place, step, -rate * down[row], width)
            }
        }
    }

    /// The sum of squares of each row of the step.
    private var squares: [Float] {
        let width = gradient.shape.width
        return [Float](unsafeUninitializedCapacity: down.count) { buffer, count in
            let sums = buffer.baseAddress!
            eachRow { row, step in sums[row] = Kernel.table.dot(step, step, width) * down[row] * down[row] }
            count = down.count
        }
    }

    /// Each row of the step, not yet multiplied by what its row as a whole is.
    private func eachRow(_ body: (_ row: Int, _ step: UnsafeMutablePointer<Float>) -> Void) {
        let width = gradient.shape.width, source = gradient.floats
        across.withUnsafeBufferPointer { across in
            let across = across.baseAddress!
            parallel(rows: down.count, grain: grain) { rows, _ in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { step in
                    for row in rows {
                        Kernel.table.multiply(step.baseAddress!, source + row * width, across, width)
                        body(row, step.baseAddress!)
                    }
                }
            }
        }
        withExtendedLifetime(gradient) {}
    }
}

extension Tensor {
    /// A running mean of squares, moved on by `squares + epsilon`.
    fileprivate mutating func decay(_ kept: Float, towards squares: [Float], _ epsilon: Float) {
        change { for i in $0.indices { $0[i] = kept * $0[i] + (1 - kept) * (squares[i] + epsilon) } }
    }
}
