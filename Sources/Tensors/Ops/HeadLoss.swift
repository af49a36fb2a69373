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
public func crossEntropy(_ states: Tensor, _ head: AffineMap, _ targets: [Int32]) -> Tensor {
    let scored = ScoredRows(states, head, targets)
    let factor = 1 / Float(max(1, scored.targets.count))
    var gradients = scored.isTracked ? HeadGradients(scored.states, head) : nil
    let losses = scored.losses { errors, rows in
        guard gradients != nil else { return }
        errors.become(withFactors: rows.map { _ in factor })
        gradients?.add(errors.tensor, rows)
    }
    let loss = Tensor([Float(losses.reduce(0, +)) * factor], shape: [])
    guard let gradients else { return loss }
    return loss.made(from: scored.inputs) { gradients.results(times: $0.scalars[0]) }
}

/// `log softmax(head(states))[target]` of each row, `[rows]`; 0 where the target is negative.
///
/// Its gradient makes the logits again, a chunk of rows at a time, so `[rows, classes]` never exists.
///
/// - Parameters:
///   - states: `[rows, width]`.
///   - head: its weight is `[classes, width]`.
///   - targets: one class for each row.
public func logprobs(_ states: Tensor, _ head: AffineMap, _ targets: [Int32]) -> Tensor {
    let scored = ScoredRows(states, head, targets)
    let losses = scored.losses { _, _ in }
    let values = Tensor(
        scored.spread(losses.map { $0 == 0 ? 0 : Float(-$0) }, over: targets.count),
        shape: [targets.count]
    )
    return values.made(from: scored.inputs) { slopes in
        var gradients = HeadGradients(scored.states, head)
        let slopes = scored.gathered(slopes.scalars)
        _ = scored.losses { errors, rows in
            errors.become(withFactors: slopes[rows].map { -$0 })
            gradients.add(errors.tensor, rows)
        }
        return gradients.results(times: 1)
    }
}

/// The rows that have a target, and what scores them.
private struct ScoredRows {
    let states: Tensor, head: AffineMap, targets: [Int32]
    /// Where the rows were; nil where all have a target.
    private let places: [Int]?

    init(_ states: Tensor, _ head: AffineMap, _ targets: [Int32]) {
        let classes = head.weight.shape[0]
        precondition(
            states.shape.count == 2 && states.shape.width == head.weight.shape[1],
            "scores: \(states.shape) for a head \(head.weight.shape)"
        )
        precondition(targets.count == states.shape[0], "scores: \(targets.count) targets for \(states.shape)")
        precondition(targets.allSatisfy { $0 < classes }, "scores: a target is not below \(classes)")
        self.head = head
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

    /// Each row's loss; `use` gets the logits of some rows after another, to do with as it likes.
    func losses(_ use: (_ scores: ChunkScores, _ rows: Range<Int>) -> Void) -> [Double] {
        let map = head.detached
        return chunks.flatMap { rows in
            let logits = linear(states.detached.rows(rows), [map])[0]
            let scores = ChunkScores(logits, targets[rows])
            use(scores, rows)
            return scores.losses
        }
    }

    /// Rows at a time: so many that the head's gradient is not added to too often, so few that logits take 64 MB.
    private var chunks: [Range<Int>] {
        let rows = targets.count, most = max(64, (1 << 24) / max(1, head.weight.shape[0]))
        let count = (rows + most - 1) / most
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

/// Logits of some rows, their targets, and the logarithm of each row's sum of exponentials.
private struct ChunkScores {
    let tensor: Tensor, targets: ArraySlice<Int32>, losses: [Double]
    private let logSums: [Double]

    init(_ logits: Tensor, _ targets: ArraySlice<Int32>) {
        let classes = logits.shape.width, source = logits.floats, rows = logits.shape.rows
        let sums = rowwise(rows) { row in
            logSumExp(UnsafeBufferPointer(start: source + row * classes, count: classes))
        }
        losses = zip(sums, targets).enumerated().map { row, pair in
            pair.0 - Double(source[row * classes + Int(pair.1)])
        }
        (tensor, self.targets, logSums) = (withExtendedLifetime(logits) { logits }, targets, sums)
    }

    /// Turns the logits, in place, into (softmax - onehot(target)) · factor: the gradient of `factor · loss`.
    func become(withFactors factors: [Float]) {
        let classes = tensor.shape.width, scores = tensor.floats
        parallel(rows: factors.count, grain: 1) { rows, _ in
            for row in rows {
                let y = scores + row * classes
                _ = Kernel.table.exp_sum(y, y, classes, Float(logSums[row]), 1)
                Kernel.table.scale(y, y, factors[row], classes)
                y[Int(targets[targets.startIndex + row])] -= factors[row]
            }
        }
    }
}
