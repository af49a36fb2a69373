import CKernels
import Foundation

/// The gradients of a scan with respect to `x`, `b`, `c`, steps, rates, biases of steps and skips, for sequences without a past.
///
/// States are worked out again rather than remembered: those at the beginnings of stretches of about √rows rows, and from these, stretch
/// by stretch from the last, those within. A sequence and a head make a job, so that every sum has one owner and one order.
func scanGradients(_ inputs: ScanInputs, _ space: StateSpace, _ gradient: Tensor, _ plan: AttentionPlan) -> [Tensor?] {
    precondition(plan.isWithoutPast, "a scan that goes on has no gradient")
    let gradients = ScanGradients(inputs, space, gradient, plan.begun.map(\.rows))
    return gradients()
}

private struct ScanGradients {
    let inputs: ScanInputs, space: StateSpace, dy: Tensor, sequences: [Range<Int>]
    let dx, dDelta: Tensor
    /// Each head's own, `[rows, heads, states]`.
    let db, dc: Tensor
    /// Each sequence's own, `[sequences, heads]`.
    let dRate, dSkip: Tensor

    init(_ inputs: ScanInputs, _ space: StateSpace, _ gradient: Tensor, _ sequences: [Range<Int>]) {
        (self.inputs, self.space, dy, self.sequences) = (inputs, space, gradient, sequences)
        let rows = gradient.shape.rows
        (dx, dDelta) = (Tensor(empty: gradient.shape), Tensor(empty: [rows, space.heads]))
        db = Tensor.zeros([rows, space.heads, space.states])
        dc = Tensor.zeros([rows, space.heads, space.states])
        dRate = Tensor.zeros([sequences.count, space.heads])
        dSkip = Tensor.zeros([sequences.count, space.heads])
    }

    func callAsFunction() -> [Tensor?] {
        let longest = sequences.map(\.count).max() ?? 0, stretch = Scratch.stretch(longest)
        let floats = Scratch.floats(longest, stretch, space), memory = Storage(Threads.count * floats * 4)
        parallel(rows: sequences.count * space.heads, grain: 1) { jobs, thread in
            let own = memory.bytes.assumingMemoryBound(to: Float.self) + thread * floats
            let scratch = Scratch(own, longest, stretch, space)
            for job in jobs { pull(job / space.heads, job % space.heads, scratch) }
        }
        return withExtendedLifetime((memory, inputs, space, dy)) {
            [
                dx, summed(db), summed(dc), dDelta, dRate.summedRows, dDelta.summedRows, dSkip.summedRows,
            ]
        }
    }

    /// One sequence and one head.
    private func pull(_ sequence: Int, _ head: Int, _ s: Scratch) {
        let rows = sequences[sequence], size = space.width * space.states
        s.state.update(repeating: 0, count: size)
        for (place, row) in rows.enumerated() {
            if place % s.stretch == 0 {
                (s.beginnings + place / s.stretch * size).update(from: s.state, count: size)
            }
            space.step(row, head, inputs, s.state, dx.floats)  // whose place is written again below
        }
        s.slope.update(repeating: 0, count: size)
        var rate = 0.0, skip = 0.0
        for first in stride(from: 0, to: rows.count, by: s.stretch).reversed() {
            let part = rows.lowerBound + first..<min(rows.upperBound, rows.lowerBound + first + s.stretch)
            s.within.update(from: s.beginnings + first / s.stretch * size, count: size)
            for (place, row) in part.enumerated() {
                let after = s.within + (place + 1) * size
                after.update(from: after - size, count: size)
                space.step(row, head, inputs, after, dx.floats)
            }
            for (place, row) in part.enumerated().reversed() {
                let shares = pull(row, head, before: s.within + place * size, s.slope)
                (rate, skip) = (rate + Double(shares.rate), skip + Double(shares.skip))
            }
        }
        dRate.floats[sequence * space.heads + head] = Float(rate)
        dSkip.floats[sequence * space.heads + head] = Float(skip)
    }

    /// One row: its gradients, and its part of those of the rate's logarithm and the skip.
    private func pull(
        _ row: Int,
        _ head: Int,
        before: UnsafePointer<Float>,
        _ slope: UnsafeMutablePointer<Float>
    ) -> (rate: Float, skip: Float) {
        let place = row * space.heads + head, at = place * space.width, shared = space.shared(row, head)
        let own = space.head(head, inputs.delta.floats[place])
        var scan = own.scan, back = scan_back_t()
        back.x = dx.floats + at
        back.b = db.floats + place * space.states
        back.c = dc.floats + place * space.states
        Kernel.table.scan_back(
            slope,
            &back,
            before,
            before + space.width * space.states,
            inputs.x.floats + at,
            dy.floats + at,
            inputs.b.floats + shared,
            inputs.c.floats + shared,
            &scan
        )
        dDelta.floats[place] = (back.step + back.decay * scan.decay * own.rate) * own.slope
        return (back.decay * scan.decay * scan.step * own.rate, back.skip)
    }

    /// The sum over the heads of each group: `[rows, groups * states]`.
    private func summed(_ each: Tensor) -> Tensor {
        let rows = each.shape[0], size = space.states, source = each.floats
        return Tensor([rows, space.groups * size]) { target in
            parallel(rows: rows, grain: 16) { range, _ in
                for row in range {
                    (target + row * space.groups * size).update(repeating: 0, count: space.groups * size)
                    for head in 0..<space.heads {
                        let from = source + (row * space.heads + head) * size
                        Kernel.table.add_scaled(target + space.shared(row, head), from, 1, size)
                    }
                }
            }
            withExtendedLifetime(each) {}
        }
    }
}

/// A thread's memory.
private struct Scratch {
    let stretch: Int
    /// A state, the gradient with respect to one, those at beginnings of stretches, and those within a stretch.
    let state, slope, beginnings, within: UnsafeMutablePointer<Float>

    static func stretch(_ rows: Int) -> Int { max(8, Int(Double(rows).squareRoot())) }

    static func floats(_ rows: Int, _ stretch: Int, _ space: StateSpace) -> Int {
        (2 + (rows + stretch - 1) / stretch + stretch + 1) * space.width * space.states
    }

    init(_ memory: UnsafeMutablePointer<Float>, _ rows: Int, _ stretch: Int, _ space: StateSpace) {
        let size = space.width * space.states
        (self.stretch, state, slope, beginnings) = (stretch, memory, memory + size, memory + 2 * size)
        within = beginnings + (rows + stretch - 1) / stretch * size
    }
}
