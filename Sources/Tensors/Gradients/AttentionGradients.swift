import CKernels
import Foundation

/// The gradients of attention with respect to queries, keys and values, for sequences without a past.
///
/// Scores are worked out again rather than remembered (Dao et al. 2022), a row at a time: `O(rows²)` time, `O(rows)` memory. A
/// key-value head and a sequence make a job, so that every sum has one owner and one order.
private struct AttentionGradients {
    /// `[rows, heads, width]`, and keys and values `[rows, kvHeads, width]`, rounded as the cache rounds them.
    let q, k, v: Tensor
    /// What attention gave, and the gradient with respect to it.
    let y, dy: Tensor
    let plan: AttentionPlan
    let scale: Float, window: Int?, softcap: Float

    private var heads: Int { q.shape[1] }
    private var kvHeads: Int { k.shape[1] }
    private var width: Int { q.shape[2] }

    func callAsFunction() -> [Tensor?] {
        let (dq, dk, dv) = (Tensor.zeros(q.shape), Tensor.zeros(k.shape), Tensor.zeros(v.shape))
        let sequences = plan.sequences
        parallel(rows: sequences.count * kvHeads, grain: 1) { jobs, _ in
            for job in jobs {
                let rows = sequences[job / kvHeads], longest = rows.count
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * longest) { buffer in
                    for row in rows {
                        for head in (job % kvHeads) * heads / kvHeads..<(job % kvHeads + 1) * heads / kvHeads {
                            pull(row, head, of: rows, buffer.baseAddress!, buffer.baseAddress! + longest, dq, dk, dv)
                        }
                    }
                }
            }
        }
        return [dq, dk, dv]
    }

    /// One row's query of one head, against all it sees.
    private func pull(
        _ row: Int,
        _ head: Int,
        of rows: Range<Int>,
        _ weights: UnsafeMutablePointer<Float>,
        _ slopes: UnsafeMutablePointer<Float>,
        _ dq: Tensor,
        _ dk: Tensor,
        _ dv: Tensor
    ) {
        let table = Kernel.table, at = (row * heads + head) * width, kv = head * kvHeads / heads
        let first = max(rows.lowerBound, row + 1 - (window ?? row + 1)), seen = first..<row + 1, n = seen.count
        func place(_ position: Int) -> Int { (position * kvHeads + kv) * width }
        for (index, position) in seen.enumerated() {
            let score = table.dot(q.floats + at, k.floats + place(position), width) * scale
            weights[index] = softcap > 0 ? softcap * tanh(score / softcap) : score
            slopes[index] = softcap > 0 ? 1 - (weights[index] / softcap) * (weights[index] / softcap) : 1
        }
        let peak = UnsafeBufferPointer(start: weights, count: n).max()!
        let sum = table.exp_sum(weights, weights, n, peak, 1)
        let mean = table.dot(y.floats + at, dy.floats + at, width)
        for (index, position) in seen.enumerated() {
            let weight = weights[index] / sum
            table.add_scaled(dv.floats + place(position), dy.floats + at, weight, width)
            let error = weight * (table.dot(dy.floats + at, v.floats + place(position), width) - mean)
            let share = error * slopes[index] * scale
            table.add_scaled(dq.floats + at, k.floats + place(position), share, width)
            table.add_scaled(dk.floats + place(position), q.floats + at, share, width)
        }
    }
}

extension AttentionStep {
    /// From queries, keys, values, what attention gave, and the gradient with respect to that.
    func gradients(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ y: Tensor, _ dy: Tensor) -> [Tensor?] {
        precondition(
            plan.isWithoutPast && cache.shape.type == .f16,
            "attention to a past, or to bytes, has no gradient"
        )
        return AttentionGradients(
            q: q.detached,
            k: k.halved,
            v: v.halved,
            y: y,
            dy: dy,
            plan: plan,
            scale: scale,
            window: window,
            softcap: softcap
        )()
    }
}

extension Tensor {
    /// Rounded to half precision and back, as the cache keeps it.
    fileprivate var halved: Tensor { detached.cast(to: .float16).cast(to: .float32) }
}
