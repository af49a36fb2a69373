import Foundation
import Tensors

/// One row of logits: a score for every token of the vocabulary.
package typealias Logits = UnsafeBufferPointer<Float>

extension UnsafeBufferPointer<Float> {
    /// The place of the greatest, the first of equals; nil if a logit is NaN or +∞, or all are -∞.
    package func peak() -> (id: Int, value: Float)? {
        let best = greatest(in: indices)
        guard best.isFinite, let id = first(equalTo: best) else { return nil }
        return (id, best)
    }

    /// log Σ exp(logit), given the greatest.
    package func logSumExp(peak: Float) -> Float { peak + Float(log(expSum(self, shift: peak))) }

    /// Calls `body` for each value that is at least `least`, in order, until it returns false; leaps over runs of lesser ones.
    @inline(__always)
    func scan(from first: Int = 0, least: Float, _ body: (_ index: Int, _ value: Float) -> Bool) {
        let lanes = SIMD16<Float>.scalarCount
        var start = first
        while start < count {
            let end = Swift.min(count, start + lanes)
            if end - start < lanes || (vector(at: start) .>= least) != SIMDMask(repeating: false) {
                for index in start..<end where self[index] >= least {
                    guard body(index, self[index]) else { return }
                }
            }
            start = end
        }
    }

    /// The greatest of some values; NaN if one of them is.
    func greatest(in range: Range<Int>) -> Float {
        let lanes = SIMD16<Float>.scalarCount, whole = range.lowerBound + range.count / lanes * lanes
        var greatest = SIMD16<Float>(repeating: -.infinity), odd = SIMDMask<SIMD16<Int32>>(repeating: false)
        for start in stride(from: range.lowerBound, to: whole, by: lanes) {
            let x = vector(at: start)
            greatest.replace(with: x, where: x .> greatest)
            odd = odd .| (x .!= x)
        }
        var best = greatest.max(), bad = odd != SIMDMask(repeating: false)
        for index in whole..<range.upperBound {
            bad = bad || self[index].isNaN
            best = Swift.max(best, self[index])
        }
        return bad ? .nan : best
    }

    private func vector(at start: Int) -> SIMD16<Float> {
        UnsafeRawPointer(baseAddress! + start).loadUnaligned(as: SIMD16<Float>.self)
    }

    private func first(equalTo value: Float) -> Int? {
        let lanes = SIMD16<Float>.scalarCount, whole = count / lanes * lanes
        var start = 0
        while start < whole, (vector(at: start) .== value) == SIMDMask(repeating: false) { start += lanes }
        return self[start...].firstIndex(of: value)
    }
}
