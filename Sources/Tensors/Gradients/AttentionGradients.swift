import CKernels
import Foundation

/// The gradients of attention with respect to queries, keys and values, for sequences without a past.
///
/// Scores are worked out again rather than remembered (Dao et al. 2022), for some rows and all keys they see at once, as
/// products of matrices: `O(rows²)` time, `O(rows)` memory. A key-value head and a sequence make a job, so that every sum has
/// one owner and one order.
private struct AttentionGradients {
    /// `[rows, heads, width]`, and keys and values `[rows, kvHeads, width]`, rounded as the cache rounds them.
    let q, k, v: Tensor
    /// What attention gave, and the gradient with respect to it.
    let y, dy: Tensor
    let dq, dk, dv: Tensor
    let plan: AttentionPlan
    let scale: Float, window: Int?, softcap: Float
    /// Scores that take part in the softmax, and the gradients with respect to them, for each sequence apart: `[sequences, heads]`.
    let sinks, dSinks: Tensor?

    var heads: Int { q.shape[1] }
    var kvHeads: Int { k.shape[1] }
    var width: Int { q.shape[2] }

    func callAsFunction() -> [Tensor?] {
        let sequences = plan.sequences, longest = sequences.map(\.count).max() ?? 0
        let floats = AttentionScratch.floats(longest, width), scratch = Storage(Threads.count * floats * 4)
        parallel(rows: sequences.count * kvHeads, grain: 1) { jobs, thread in
            let own = scratch.bytes.assumingMemoryBound(to: Float.self) + thread * floats
            for job in jobs { pull(job / kvHeads, job % kvHeads, AttentionScratch(own, longest, width)) }
        }
        return withExtendedLifetime((scratch, self)) { [dq, dk, dv, dSinks?.summedRows] }
    }

    /// One sequence and one key-value head.
    private func pull(_ sequence: Int, _ kv: Int, _ s: AttentionScratch) {
        let rows = plan.sequences[sequence]
        let at = (rows.lowerBound * kvHeads + kv) * width, step = kvHeads * width
        s.turnedStrips(s.keysTurned, k.floats + at, step, rows.count)
        s.turnedStrips(s.valuesTurned, v.floats + at, step, rows.count)
        s.plainStrips(s.keys, k.floats + at, step, rows.count)
        for head in kv * heads / kvHeads..<(kv + 1) * heads / kvHeads {
            for first in stride(from: 0, to: rows.count, by: AttentionScratch.tile) {
                pull(first..<min(rows.count, first + AttentionScratch.tile), of: sequence, head, kv, s)
            }
        }
    }

    /// Some rows' queries of one head, `tile` counted from the sequence's beginning, against all they see.
    private func pull(_ tile: Range<Int>, of sequence: Int, _ head: Int, _ kv: Int, _ s: AttentionScratch) {
        let rows = plan.sequences[sequence]
        let at = ((rows.lowerBound + tile.lowerBound) * heads + head) * width, step = heads * width
        let earliest = max(0, tile.lowerBound + 1 - (window ?? .max / 2)), strip = Kernel.table.product_width
        let seen = earliest / strip * strip..<tile.upperBound, columns = seen.count
        let target = ((rows.lowerBound + seen.lowerBound) * kvHeads + kv) * width, apart = kvHeads * width
        s.multiply(s.weights, columns, q.floats + at, step, s.keysTurned + seen.lowerBound * width, tile.count, width)
        s.multiply(s.errors, columns, dy.floats + at, step, s.valuesTurned + seen.lowerBound * width, tile.count, width)
        var drained: Float = 0
        for row in tile {
            drained += soften(row, tile, seen, at + (row - tile.lowerBound) * step, s, sinks?.floats[head])
        }
        if let dSinks { dSinks.floats[sequence * heads + head] += drained }
        s.multiplyTurned(into: dv.floats + target, apart, s.weights, columns, dy.floats + at, step, tile.count)
        s.multiplyTurned(into: dk.floats + target, apart, s.errors, columns, q.floats + at, step, tile.count)
        s.multiplyKeys(into: dq.floats + at, step, s.errors, columns, tile.count, from: seen.lowerBound)
    }

    /// Turns a row's scores into weights, and the gradient with respect to weights into that with respect to scores; returns that with
    /// respect to the sink.
    private func soften(
        _ row: Int,
        _ tile: Range<Int>,
        _ seen: Range<Int>,
        _ at: Int,
        _ s: AttentionScratch,
        _ sink: Float?
    ) -> Float {
        let table = Kernel.table, own = max(0, row + 1 - (window ?? .max / 2)) - seen.lowerBound
        let end = row + 1 - seen.lowerBound, n = end - own, place = (row - tile.lowerBound) * seen.count
        let weights = s.weights + place + own, errors = s.errors + place + own
        if softcap > 0 { cap(weights, s.slopes, n) }
        let factor = softcap > 0 ? 1 : scale, peak = table.largest(weights, n)
        let drain = sink.map { exp(min($0 - peak * factor, 80)) } ?? 0
        let sum = table.exp_sum(weights, weights, n, peak, factor) + drain
        table.scale(weights, weights, 1 / sum, n)
        let mean = table.dot(y.floats + at, dy.floats + at, width)
        table.softmax_back(errors, weights, n, mean, scale)
        if softcap > 0 { table.multiply(errors, errors, s.slopes, n) }
        for edge in [weights - own, errors - own] {
            edge.update(repeating: 0, count: own)
            (edge + end).update(repeating: 0, count: seen.count - end)
        }
        return -drain / sum * mean
    }

    /// `softcap · tanh(scale · score / softcap)` in place, and its slopes.
    private func cap(_ scores: UnsafeMutablePointer<Float>, _ slopes: UnsafeMutablePointer<Float>, _ n: Int) {
        for i in 0..<n {
            let level = tanh(scores[i] * scale / softcap)
            (scores[i], slopes[i]) = (softcap * level, 1 - level * level)
        }
    }
}

extension AttentionStep {
    /// From queries, keys, values, what attention gave, and the gradient with respect to that.
    func gradients(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ y: Tensor, _ dy: Tensor) -> [Tensor?] {
        precondition(
            plan.isWithoutPast && plan.sight == .back && cache.shape.type == .f16,
            "attention to a past, to what comes after, or to bytes, has no gradient"
        )
        return AttentionGradients(
            q: q.detached,
            k: k.halved,
            v: v.halved,
            y: y,
            dy: dy,
            dq: Tensor(empty: q.shape),
            dk: Tensor.zeros(k.shape),
            dv: Tensor.zeros(v.shape),
            plan: plan,
            scale: scale,
            window: window,
            softcap: softcap,
            sinks: sinks?.detached,
            dSinks: sinks.map { Tensor.zeros([plan.sequences.count, $0.shape[0]]) }
        )()
    }
}

extension Tensor {
    /// Rounded to half precision and back, as the cache keeps it.
    fileprivate var halved: Tensor { detached.cast(to: .float16).cast(to: .float32) }
}
