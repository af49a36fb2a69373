import CKernels

/// Moments of an optimiser in 8 bits, a tensor of words `[blocks, 33]`: of each 128 elements of a parameter the largest magnitude,
/// and what share of it each is.
package enum ByteMoments {
    /// Elements of a block.
    package static let block = Int(MOMENT_BLOCK)
    private static let words = MemoryLayout<moments_t>.size / 4

    /// The shape of the moments of so many elements.
    package static func shape(of elements: Int) -> Shape { [(elements + block - 1) / block, words] }

    package static func zeros(for elements: Int) -> Tensor {
        let shape = shape(of: elements)
        return Tensor([Int32](repeating: 0, count: shape.elements), shape: shape)
    }
}

/// One step of Adam whose moments are ``ByteMoments``, all in place (Dettmers et al. 2022, with floats of 8 bits in place of
/// their table, and rounding at random).
///
/// - Parameter salt: another one for each step; what is rounded up depends on it and the element's place alone.
package func adamStep(
    _ parameter: inout Tensor,
    bytes first: inout Tensor,
    _ second: inout Tensor,
    _ gradient: Tensor,
    salt: UInt32,
    _ factors: AdamFactors
) {
    precondition(parameter.shape == gradient.shape, "adamStep: \(gradient.shape) for \(parameter.shape)")
    let shape = ByteMoments.shape(of: parameter.shape.elements)
    precondition(first.shape == shape && second.shape == shape, "adamStep: moments of \(first.shape), not \(shape)")
    let g = gradient.floats
    parameter.change { w in
        first.changeBlocks { m in
            second.changeBlocks { v in
                parallel(rows: shape[0], grain: grainOfElements / ByteMoments.block) { blocks, _ in
                    let at = blocks.lowerBound * ByteMoments.block
                    let count = min(w.count, blocks.upperBound * ByteMoments.block) - at
                    withUnsafePointer(to: factors.factors) {
                        Kernel.table.adam_step_bytes(
                            w.baseAddress! + at,
                            m + blocks.lowerBound,
                            v + blocks.lowerBound,
                            g + at,
                            count,
                            salt &+ UInt32(truncatingIfNeeded: at),
                            $0
                        )
                    }
                }
            }
        }
    }
    withExtendedLifetime(gradient) {}
}

extension Tensor {
    /// Calls `body` with the blocks of moments, to change them: in place if nobody else holds them, else in a copy.
    fileprivate mutating func changeBlocks(_ body: (UnsafeMutablePointer<moments_t>) -> Void) {
        precondition(dtype == .int32, "moments in 8 bits are words, not \(dtype)")
        if !holdsAlone() { self = Tensor(integers, shape: shape) }
        body(start.assumingMemoryBound(to: moments_t.self))
    }
}
