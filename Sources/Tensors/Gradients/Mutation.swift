import CKernels

extension Tensor {
    /// Calls `body` with the elements of a float32 tensor, to change them: in place if nobody else holds them, else in a copy.
    package mutating func change<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows
        -> Result
    {
        let (count, values) = (shape.elements, floats)
        if !holdsAlone() {
            let copy = Tensor(shape) { $0.update(from: values, count: count) }
            withExtendedLifetime(self) { self = copy }
        }
        storage.rounded = nil
        return try body(UnsafeMutableBufferPointer(start: floats, count: count))
    }
}

/// What a step of Adam multiplies by.
package struct AdamFactors: Sendable {
    var factors: adam_t

    /// - Parameters:
    ///   - epsilon: added to the root of the second moment as it is kept, uncorrected.
    ///   - rate: the learning rate, corrected for the moments' beginning at zero.
    ///   - kept: the share of the parameter that weight decay leaves.
    package init(beta1: Float, beta2: Float, epsilon: Float, rate: Float, kept: Float) {
        factors = adam_t(beta1: beta1, beta2: beta2, epsilon: epsilon, rate: rate, kept: kept)
    }
}

/// One step of Adam on a parameter and its two moments, all in place.
package func adamStep(
    _ parameter: inout Tensor,
    _ first: inout Tensor,
    _ second: inout Tensor,
    _ gradient: Tensor,
    _ factors: AdamFactors
) {
    precondition(parameter.shape == gradient.shape, "adamStep: \(gradient.shape) for \(parameter.shape)")
    let g = gradient.floats
    parameter.change { w in
        first.change { m in
            second.change { v in
                parallel(rows: w.count, grain: grainOfElements) { range, _ in
                    let at = range.lowerBound
                    withUnsafePointer(to: factors.factors) {
                        Kernel.table.adam_step(
                            w.baseAddress! + at,
                            m.baseAddress! + at,
                            v.baseAddress! + at,
                            g + at,
                            range.count,
                            $0
                        )
                    }
                }
            }
        }
    }
    withExtendedLifetime(gradient) {}
}

/// One step of Lion on a parameter and its average, both in place.
package func lionStep(
    _ parameter: inout Tensor,
    _ average: inout Tensor,
    _ gradient: Tensor,
    beta1: Float,
    beta2: Float,
    rate: Float,
    kept: Float
) {
    precondition(parameter.shape == gradient.shape, "lionStep: \(gradient.shape) for \(parameter.shape)")
    let g = gradient.floats
    parameter.change { w in
        average.change { m in
            parallel(rows: w.count, grain: grainOfElements) { range, _ in
                let at = range.lowerBound
                Kernel.table
                    .lion_step(w.baseAddress! + at, m.baseAddress! + at, g + at, range.count, beta1, beta2, rate, kept)
            }
        }
    }
    withExtendedLifetime(gradient) {}
}

/// The length of all gradients together: the root of the sum of squares of every element, tensors in the order of their
/// names, each in chunks of a fixed size.
package func norm(_ gradient: [String: Tensor]) -> Float {
    let squares = gradient.sorted { $0.key < $1.key }.map { _, tensor in tensor.withFloats(sumOfSquares) }
    return Float(squares.reduce(0, +).squareRoot())
}

private func sumOfSquares(_ values: UnsafeBufferPointer<Float>) -> Double {
    let size = 1 << 16
    return rowwise((values.count + size - 1) / size) { chunk in
        stride(from: chunk * size, to: min(values.count, (chunk + 1) * size), by: 4096).reduce(0.0) { sum, at in
            let part = values.baseAddress! + at
            return sum + Double(Kernel.table.dot(part, part, min(4096, values.count - at)))
        }
    }
    .reduce(0, +)
}
