import CKernels
import Foundation

/// The mean over rows of `-log softmax(head(states))[target]`, in nats: a scalar.
///
/// Logits are made and forgotten a chunk of rows at a time, so `[rows, classes]` never exists; where somebody asks for a
/// gradient, it is worked out in the same pass. That of the head is summed in float32, whatever the head's dtype. Rows
/// whose target is negative do not count and are not scored.
///
/// - Parameters:
///   - states: `[rows, width]`.
///   - head: its weight is `[classes, width]`.
///   - targets: one class for each row.
///   - atOnce: about how many logits there may be at a time; few cost time, since the head's gradient is then added to often.
public func crossEntropy(_ states: Tensor, _ head: AffineMap, _ targets: [Int32], atOnce: Int = 1 << 24) -> Tensor {
    let scored = ScoredRows(states, head, targets, atOnce)
    let factor = 1 / Float(max(1, scored.targets.count))
    let gradients = scored.isTracked ? HeadGradients(scored.states, head) : nil
    let losses = gradients.map { scored.losses(errorsTimes: { _ in factor }, $0.add) } ?? scored.losses()
    let loss = Tensor([Float(losses.reduce(0, +)) * factor], shape: [])
    guard let gradients else { return loss }
    return loss.made(from: scored.inputs, adding: { gradients.move(times: $0.scalars[0], to: &$1) })
}

/// `log softmax(head(states))[target]` of each row, `[rows]`; 0 where the target is negative.
///
/// Its gradient makes the logits again, a chunk of rows at a time, so `[rows, classes]` never exists.
///
/// - Parameters:
///   - states: `[rows, width]`.
///   - head: its weight is `[classes, width]`.
///   - targets: one class for each row.
///   - atOnce: about how many logits there may be at a time; few cost time, since the head's gradient is then added to often.
public func logprobs(_ states: Tensor, _ head: AffineMap, _ targets: [Int32], atOnce: Int = 1 << 24) -> Tensor {
    let scored = ScoredRows(states, head, targets, atOnce)
    let values = Tensor(scored.spread(scored.logprobs(), over: targets.count), shape: [targets.count])
    return values.made(
        from: scored.inputs,
        adding: { slopes, sums in
            let gradients = HeadGradients(scored.states, head), slopes = scored.gathered(slopes.scalars)
            _ = scored.losses(errorsTimes: { -slopes[$0] }, gradients.add)
            gradients.move(times: 1, to: &sums)
        }
    )
}

/// The rows that have a target, and what scores them.
private struct ScoredRows {
    let states: Tensor, head: AffineMap, targets: [Int32]
    /// Where the rows were; nil where all have a target.
    private let places: [Int]?
    private let atOnce: Int

    init(_ states: Tensor, _ head: AffineMap, _ targets: [Int32], _ atOnce: Int) {
        let classes = head.weight.shape[0]
        precondition(
            states.shape.count == 2 && states.shape.width == head.weight.shape[1],
            "scores: \(states.shape) for a head \(head.weight.shape)"
        )
        precondition(targets.count == states.shape[0], "scores: \(targets.count) targets for \(states.shape)")
        precondition(targets.allSatisfy { $0 < classes }, "scores: a target is not below \(classes)")
        (self.head, self.atOnce) = (head, atOnce)
        if targets.allSatisfy({ $0 >= 0 }) {
            (self.states, self.targets, places) = (states, targets, nil)
        } else {
            let kept = targets.indices.filter { targets[$0] >= 0 }
            (self.states, places) = (gather(states, rows: kept.map(Int32.init)), kept)
            self.targets = kept.map { targets[$0] }
        }
    }

    var inputs: [Tensor?] { [states, head.weight, head.bias, head.adapter?.down, head.adapter?.up] }
    var isTracked: Bool { inputs.contains { $0?.isTracked ?? false } }

    /// Each row's loss; `use` gets the gradients of `factor(row) · loss` with respect to the logits, some rows after another.
    func losses(
        errorsTimes factor: ((_ row: Int) -> Float)? = nil,
        _ use: (_ errors: Tensor, _ rows: Range<Int>) -> Void = { _, _ in }
    ) -> [Double] {
        let map = head.detached
        return chunks.flatMap { rows in
            let logits = linear(states.detached.rows(rows), [map])[0]
            let classes = logits.shape.width, scores = logits.floats
            let losses = rowwise(rows.count) { row in
                let (index, own) = (rows.lowerBound + row, scores + row * classes)
                let row = UnsafeMutableBufferPointer(start: own, count: classes)
                guard map.cap > 0, let factor else { return loss(row, targets[index], factor?(index)) }
                let slopes = row.map { 1 - ($0 / map.cap) * ($0 / map.cap) },
                    loss = loss(row, targets[index], factor(index))
                for (place, slope) in slopes.enumerated() { row[place] *= slope }
                return loss
            }
            if factor != nil { use(logits, rows) }
            return withExtendedLifetime(logits) { losses }
        }
    }

    /// Each row's log-probability, as the server works it out, to the bit.
    func logprobs() -> [Float] {
        let map = head.detached
        return chunks.flatMap { rows in
            let logits = linear(states.detached.rows(rows), [map])[0], classes = logits.shape.width
            let found = rowwise(rows.count) { row in
                let scores = UnsafeBufferPointer(start: logits.floats + row * classes, count: classes)
                let peak = Kernel.table.largest(scores.baseAddress!, classes)
                return Double(
                    scores[Int(targets[rows.lowerBound + row])] - (peak + Float(log(expSum(scores, shift: peak))))
                )
            }
            return withExtendedLifetime(logits) { found.map { Float($0) } }
        }
    }

    /// A row's loss; its logits become (softmax - onehot(target)) · factor.
    private func loss(_ scores: UnsafeMutableBufferPointer<Float>, _ target: Int32, _ factor: Float?) -> Double {
        let peak = Kernel.table.largest(scores.baseAddress!, scores.count), score = Double(scores[Int(target)])
        let sum = expSum(UnsafeBufferPointer(scores), shift: peak, into: factor == nil ? nil : scores)
        if let factor {
            Kernel.table.scale(scores.baseAddress!, scores.baseAddress!, factor / Float(sum), scores.count)
            scores[Int(target)] -= factor
        }
        return Double(peak) + log(sum) - score
    }

    private var chunks: [Range<Int>] {
        let rows = targets.count, most = max(8, atOnce / max(1, head.weight.shape[0])), count = (rows + most - 1) / most
        return (0..<count).map { rows * $0 / count..<rows * ($0 + 1) / count }
    }

    func spread(_ values: [Float], over count: Int) -> [Float] {
        guard let places else { return values }
        var spread = [Float](repeating: 0, count: count)
        for (place, value) in zip(places, values) { spread[place] = value }
        return spread
    }

    func gathered(_ values: [Float]) -> [Float] { places.map { $0.map { values[$0] } } ?? values }
}
