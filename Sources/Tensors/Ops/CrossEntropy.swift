import CKernels
import Foundation

/// The mean over rows of `-log softmax(logits)[target]`, in nats: a scalar.
///
/// Rows whose target is negative do not count, as a prompt's do where only answers are learnt.
///
/// - Parameters:
///   - logits: `[rows, classes]`.
///   - targets: one class for each row.
public func crossEntropy(_ logits: Tensor, _ targets: [Int32]) -> Tensor {
    let rows = logits.shape.rows, classes = logits.shape.width
    precondition(targets.count == rows, "crossEntropy: \(targets.count) targets for \(rows) rows")
    precondition(targets.allSatisfy { $0 < classes }, "crossEntropy: a target is not below \(classes)")
    let counted = max(1, targets.count { $0 >= 0 })
    let losses = logits.withFloats { values in
        rowwise(rows) { row in
            guard targets[row] >= 0 else { return 0 }
            let scores = UnsafeBufferPointer(rebasing: values[row * classes..<(row + 1) * classes])
            return logSumExp(scores) - Double(scores[Int(targets[row])])
        }
    }
    let loss = Tensor([Float(losses.reduce(0, +) / Double(counted))], shape: [])
    return loss.made(from: [logits]) { [logits = logits.detached] gradient in
        [softmaxErrors(logits, targets, factor: gradient.scalars[0] / Float(counted))]
    }
}

/// (softmax(logits) - onehot(target)) · factor for each row that counts, else 0.
private func softmaxErrors(_ logits: Tensor, _ targets: [Int32], factor: Float) -> Tensor {
    let classes = logits.shape.width, source = logits.floats
    return Tensor(logits.shape) { target in
        parallel(rows: targets.count, grain: max(1, 16384 / max(classes, 1))) { rows, _ in
            for row in rows {
                let y = target + row * classes
                guard targets[row] >= 0 else {
                    y.update(repeating: 0, count: classes)
                    continue
                }
                let scores = UnsafeBufferPointer(start: source + row * classes, count: classes)
                let peak = scores.max() ?? 0
                let sum = expSum(scores, shift: peak, into: UnsafeMutableBufferPointer(start: y, count: classes))
                Kernel.table.scale(y, y, factor / Float(sum), classes)
                y[Int(targets[row])] -= factor
            }
        }
        withExtendedLifetime(logits) {}
    }
}

func logSumExp(_ scores: UnsafeBufferPointer<Float>) -> Double {
    let peak = scores.max() ?? 0
    return Double(peak) + log(expSum(scores, shift: peak))
}

/// `body` of each row, worked out on all threads.
func rowwise(_ rows: Int, _ body: (Int) -> Double) -> [Double] {
    [Double](unsafeUninitializedCapacity: rows) { buffer, count in
        parallel(rows: rows, grain: 4) { range, _ in
            for row in range { buffer[row] = body(row) }
        }
        count = rows
    }
}
