import CKernels

/// How a row's scores of the experts become the experts it goes to and what each of them counts.
public struct Routing: Sendable {
    public enum Score: Sendable { case softmax, sigmoid }

    /// Experts in groups of equal size, of which a row goes to some only (DeepSeek-AI 2024).
    public struct Groups: Sendable {
        public let count, chosen: Int
        /// A group's score is the sum of so many of its best.
        public let best: Int

        public init(count: Int, chosen: Int, best: Int) { (self.count, self.chosen, self.best) = (count, chosen, best) }
    }

    public let score: Score
    /// Experts of a row.
    public let chosen: Int
    public let groups: Groups?
    /// Whether the experts are in as many groups as are chosen, and a row goes to the best of each (Tang et al. 2025).
    public let takesOneOfEachGroup: Bool
    /// Whether a row's weights are divided by their sum, and what that sum is at least.
    public let isNormalized: Bool, leastSum: Float
    /// What the weights are multiplied by in the end.
    public let scale: Float

    public init(
        _ score: Score = .softmax,
        chosen: Int,
        groups: Groups? = nil,
        takesOneOfEachGroup: Bool = false,
        isNormalized: Bool = true,
        leastSum: Float = 1e-20,
        scale: Float = 1
    ) {
        precondition(chosen > 0, "a row goes to \(chosen) experts")
        (self.score, self.chosen, self.groups, self.isNormalized) = (score, chosen, groups, isNormalized)
        (self.leastSum, self.scale, self.takesOneOfEachGroup) = (leastSum, scale, takesOneOfEachGroup)
    }
}

/// Which experts each row goes to, and what they count there.
public struct Routes: Sendable {
    /// `[rows, chosen]` end to end, each row's best first; or its groups' in order.
    public let experts: [Int32]
    /// `[rows, chosen]`.
    public let weights: Tensor
}

/// Chooses experts for each row of `logits` `[rows, experts]`.
///
/// The weights have a gradient, the choice has none. Of equal scores the earlier expert's wins; what is no number wins never.
///
/// - Parameter correction: added to the scores while choosing, and not to the weights: `[experts]` (Wang et al. 2024).
public func routes(_ logits: Tensor, _ routing: Routing, correction: Tensor? = nil) -> Routes {
    let rows = logits.shape.rows, count = logits.shape.width, chosen = routing.chosen
    precondition(chosen <= count, "routes: \(chosen) of \(count) experts")
    precondition(!routing.takesOneOfEachGroup || count % chosen == 0, "routes: \(count) experts in \(chosen) groups")
    precondition(correction == nil || correction?.shape == [count], "routes: correction \(correction!.shape)")
    precondition(routing.groups.map { count % $0.count == 0 } ?? true, "routes: \(count) experts in equal groups")
    var experts = [Int32](repeating: 0, count: rows * chosen)
    let shares = Tensor(empty: logits.shape), weights = Tensor(empty: [rows, chosen])
    experts.withUnsafeMutableBufferPointer { experts in
        let choice = Choice(routing, count, correction, experts.baseAddress, shares.floats, weights.floats)
        let source = logits.floats
        parallel(rows: rows, grain: max(1, 4096 / count)) { range, _ in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { scratch in
                for row in range { choice.choose(row, source + row * count, scratch) }
            }
        }
    }
    let made = withExtendedLifetime((logits, correction)) {
        weights.made(from: [logits]) { [shares, experts] in
            [weightGradients(shares, experts, routing, $0)]
        }
    }
    return Routes(experts: experts, weights: made)
}

/// Where the choices of rows go; the threads share it.
private struct Choice {
    let routing: Routing, count: Int, correction: UnsafePointer<Float>?
    let experts: UnsafeMutablePointer<Int32>?, shares, weights: UnsafeMutablePointer<Float>

    init(
        _ routing: Routing,
        _ count: Int,
        _ correction: Tensor?,
        _ experts: UnsafeMutablePointer<Int32>?,
        _ shares: UnsafeMutablePointer<Float>,
        _ weights: UnsafeMutablePointer<Float>
    ) {
        (self.routing, self.count, self.experts) = (routing, count, experts)
        self.correction = correction.map { UnsafePointer($0.floats) }
        (self.shares, self.weights) = (shares, weights)
    }

    func choose(_ row: Int, _ logits: UnsafePointer<Float>, _ scratch: UnsafeMutableBufferPointer<Float>) {
        let shares = shares + row * count, scores = scratch.baseAddress!, chosen = routing.chosen
        score(logits, into: shares)
        for i in 0..<count { scores[i] = shares[i] + (correction?[i] ?? 0) }
        if let groups = routing.groups { leave(groups, of: scores) }
        for slot in 0..<chosen {
            let size = count / chosen, own = slot * size..<(slot + 1) * size
            let best = best(scores, routing.takesOneOfEachGroup ? own : 0..<count)
            scores[best] = -.infinity
            experts![row * chosen + slot] = Int32(best)
            weights[row * chosen + slot] = shares[best]
        }
        let own = weights + row * chosen
        var factor = routing.scale
        if routing.isNormalized { factor /= max(sum(own), routing.leastSum) }
        for slot in 0..<chosen { own[slot] *= factor }
    }

    private func sum(_ weights: UnsafePointer<Float>) -> Float {
        (0..<routing.chosen).reduce(0) { $0 + weights[$1] }
    }

    private func score(_ logits: UnsafePointer<Float>, into shares: UnsafeMutablePointer<Float>) {
        switch routing.score {
        case .softmax:
            let peak = Kernel.table.largest(logits, count)
            let sum = Kernel.table.exp_sum(shares, logits, count, peak, 1)
            Kernel.table.scale(shares, shares, 1 / sum, count)
        case .sigmoid:
            _ = Kernel.table.exp_sum(shares, logits, count, 0, -1)
            for i in 0..<count { shares[i] = 1 / (1 + shares[i]) }
        }
    }

    /// The first of the largest; the first of all where none is a number, or none is left.
    private func best(_ scores: UnsafePointer<Float>, _ range: Range<Int>) -> Int {
        range.dropFirst().reduce(range.lowerBound) { scores[$1] > scores[$0] || scores[$0].isNaN ? $1 : $0 }
    }

    /// Takes all experts out but those of the best groups.
    private func leave(_ groups: Routing.Groups, of scores: UnsafeMutablePointer<Float>) {
        let size = count / groups.count
        var values = (0..<groups.count).map { group in
            let members = (0..<size).map { scores[group * size + $0] }.sorted(by: >)
            return members.prefix(groups.best).reduce(0, +)
        }
        var left = Set(0..<groups.count)
        for _ in 0..<min(groups.chosen, groups.count) {
            let winner = values.withUnsafeBufferPointer { best($0.baseAddress!, 0..<groups.count) }
            values[winner] = -.infinity
            left.remove(winner)
        }
        for group in left { (scores + group * size).update(repeating: -.infinity, count: size) }
    }
}

/// From the gradient with respect to the weights to that with respect to the logits.
///
/// With shares `p` and `w = scale · p / Σp` over the chosen, `∂L/∂p = scale · (g - Σ g w / scale) / Σp`.
private func weightGradients(_ shares: Tensor, _ experts: [Int32], _ routing: Routing, _ gradient: Tensor) -> Tensor {
    let count = shares.shape.width, chosen = routing.chosen, p = shares.floats, g = gradient.floats
    return Tensor(shares.shape) { target in
        for row in 0..<shares.shape.rows {
            let y = target + row * count, p = p + row * count, g = g + row * chosen
            let own = (0..<chosen).map { Int(experts[row * chosen + $0]) }
            let sum = own.reduce(0) { $0 + p[$1] }, isDivided = routing.isNormalized && sum >= routing.leastSum
            let mean = isDivided ? own.indices.reduce(0) { $0 + g[$1] * p[own[$1]] } / sum : 0
            let factor = routing.isNormalized ? routing.scale / max(sum, routing.leastSum) : routing.scale
            y.update(repeating: 0, count: count)
            for (slot, expert) in own.enumerated() { y[expert] = (g[slot] - mean) * factor }
            switch routing.score {
            case .softmax: Kernel.table.softmax_back(y, p, count, Kernel.table.dot(y, p, count), 1)
            case .sigmoid: for i in 0..<count { y[i] *= p[i] * (1 - p[i]) }
            }
        }
        withExtendedLifetime((shares, gradient)) {}
    }
}
