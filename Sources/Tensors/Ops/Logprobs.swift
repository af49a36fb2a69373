import CKernels
import Foundation

/// The log-probability of each row's target, `log softmax(logits)[target]`, in nats: `[rows]`; 0 for rows whose target is negative.
public func logprobs(_ logits: Tensor, _ targets: [Int32]) -> Tensor {
    let rows = logits.shape.rows, classes = logits.shape.width, source = logits.floats
    precondition(targets.count == rows, "logprobs: \(targets.count) targets for \(rows) rows")
    precondition(targets.allSatisfy { $0 < classes }, "logprobs: a target is not below \(classes)")
    let y = Tensor([rows]) { target in
        parallel(rows: rows, grain: 4) { range, _ in
            for row in range {
                let scores = UnsafeBufferPointer(start: source + row * classes, count: classes)
                let peak = scores.max() ?? 0, sum = expSum(scores, shift: peak)
                target[row] = targets[row] < 0 ? 0 : scores[Int(targets[row])] - (peak + Float(log(sum)))
            }
        }
        withExtendedLifetime(logits) {}
    }
    return y.made(from: [logits]) { [logits = logits.detached] in [errors(logits, targets, $0)] }
}

/// (onehot(target) - softmax(logits)) · gradient of the row, 0 for rows that do not count.
private func errors(_ logits: Tensor, _ targets: [Int32], _ gradient: Tensor) -> Tensor {
    let classes = logits.shape.width, source = logits.floats, slopes = gradient.floats
    return Tensor(logits.shape) { target in
        parallel(rows: targets.count, grain: 4) { rows, _ in
            for row in rows {
                let scores = UnsafeBufferPointer(start: source + row * classes, count: classes)
                let y = UnsafeMutableBufferPointer(start: target + row * classes, count: classes)
                let slope = targets[row] < 0 ? 0 : slopes[row], sum = expSum(scores, shift: scores.max() ?? 0, into: y)
                Kernel.table.scale(y.baseAddress!, y.baseAddress!, -slope / Float(sum), classes)
                if targets[row] >= 0 { y[Int(targets[row])] += slope }
            }
        }
        withExtendedLifetime((logits, gradient)) {}
    }
}
