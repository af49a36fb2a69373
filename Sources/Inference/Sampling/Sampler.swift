package import Grammars

/// Draws tokens from logits. Keeps its scratch memory, so that a token allocates nothing; so one thread uses it at a time.
package struct Sampler {
    private let scratch = Distribution.Scratch()
    private var adjusted: [Float] = []

    package init() {}

    /// Chooses the next token; nil if the logits are not numbers.
    ///
    /// - Parameter mask: the tokens that may be chosen; nil: all.
    package mutating func sample(
        _ logits: Logits,
        _ sampling: Sampling,
        history: History = History(),
        mask: TokenMask? = nil,
        chance: @autoclosure () -> Double
    ) -> Int? {
        guard sampling.adjusts || mask != nil else { return choose(logits, sampling, chance()) }
        adjusted.removeAll(keepingCapacity: true)
        adjusted.append(contentsOf: logits)
        adjusted.withUnsafeMutableBufferPointer { adjusted in
            history.penalise(adjusted, sampling)
            for (id, bias) in sampling.logitBias { adjusted[id] += bias }
            mask?.apply(to: adjusted)
        }
        let row = adjusted
        return row.withUnsafeBufferPointer { choose($0, sampling, chance()) }
    }

    private func choose(_ logits: Logits, _ sampling: Sampling, _ chance: @autoclosure () -> Double) -> Int? {
        guard sampling.temperature > 0 else { return logits.peak()?.id }
        guard var distribution = Distribution(logits, sampling, scratch: scratch) else { return nil }
        distribution.topK(sampling.topK)
        distribution.topP(sampling.topP)
        distribution.minP(sampling.minP)
        return distribution.draw(chance())
    }
}

extension TokenScore {
    /// The log-probability of `id` and the likeliest `count` alternatives, straight from the model; nil if not numbers.
    package init?(_ id: Int, in logits: Logits, top count: Int) {
        guard let peak = logits.peak() else { return nil }
        let sum = logits.logSumExp(peak: peak.value)
        let top = logits.likeliest(count).map { Alternative(id: $0, logprob: logits[$0] - sum) }
        self.init(id: id, logprob: logits[id] - sum, top: top)
    }
}

extension UnsafeBufferPointer<Float> {
    /// The ids of the greatest `count` logits, greatest first, the first of equals before the others.
    fileprivate func likeliest(_ count: Int) -> [Int] {
        guard count > 0 else { return [] }
        var best: [Int] = []
        best.reserveCapacity(count + 1)
        for id in 0..<Swift.min(count, self.count) { insert(id, into: &best) }
        var start = best.count
        while let id = first(above: self[best[best.count - 1]], from: start) {
            insert(id, into: &best)
            best.removeLast()
            start = id + 1
        }
        return best
    }

    private func insert(_ id: Int, into best: inout [Int]) {
        best.insert(id, at: best.firstIndex { self[$0] < self[id] } ?? best.count)
    }

    private func first(above value: Float, from start: Int) -> Int? {
        var found: Int?
        scan(from: start, least: value.nextUp) { id, _ in
            found = id
            return false
        }
        return found
    }
}
