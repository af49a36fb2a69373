/// One row of logits: a score for every token of the vocabulary.
///
/// Passes go by sixteen lanes and sum in one fixed order, so a row's results depend on nothing but the row.
package typealias Logits = UnsafeBufferPointer<Float>

extension UnsafeBufferPointer<Float> {
    /// The place of the greatest, the first of equals; nil if a logit is NaN or +∞, or all are -∞.
    package func peak() -> (id: Int, value: Float)? {
        let lanes = SIMD16<Float>.scalarCount, whole = count / lanes * lanes
        var greatest = SIMD16<Float>(repeating: -.infinity), odd = SIMDMask<SIMD16<Int32>>(repeating: false)
        for start in stride(from: 0, to: whole, by: lanes) {
            let x = vector(at: start)
            greatest.replace(with: x, where: x .> greatest)
            odd = odd .| (x .!= x)
        }
        var best = greatest.max(), bad = odd != SIMDMask(repeating: false)
        for i in whole..<count {
            bad = bad || self[i].isNaN
            best = Swift.max(best, self[i])
        }
        guard !bad, best.isFinite, let id = first(equalTo: best) else { return nil }
        return (id, best)
    }

    /// log Σ exp(logit), given the greatest.
    package func logSumExp(peak: Float) -> Float {
        let lanes = SIMD16<Float>.scalarCount, whole = count / lanes * lanes
        var sums = SIMD16<Float>.zero, total = 0.0
        for start in stride(from: 0, to: whole, by: lanes) {
            sums += exponential(vector(at: start) - peak)
            if start % 1024 == 0 { total.drain(&sums) }  // few enough terms that float holds them
        }
        total.drain(&sums)
        for i in whole..<count { total += Double(exponential(self[i] - peak)) }
        return peak + Float(logarithm(total))
    }

    func vector(at start: Int) -> SIMD16<Float> {
        UnsafeRawPointer(baseAddress! + start).loadUnaligned(as: SIMD16<Float>.self)
    }

    private func first(equalTo value: Float) -> Int? {
        let lanes = SIMD16<Float>.scalarCount, whole = count / lanes * lanes
        var start = 0
        while start < whole, (vector(at: start) .== value) == SIMDMask(repeating: false) { start += lanes }
        return self[start...].firstIndex(of: value)
    }
}

extension Double {
    mutating func drain(_ sums: inout SIMD16<Float>) {
        for lane in sums.indices { self += Double(sums[lane]) }
        sums = .zero
    }
}
