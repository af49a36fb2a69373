import CKernels
import Foundation

/// A state space of Mamba-2 (Dao & Gu 2024): heads of `width` channels, each channel with `states` numbers that every row moves on.
///
/// Of a row's `x`, `b`, `c` and step `Δ = softplus(δ + stepBias)`, bounded by ``steps``, a head makes
/// `h ← exp(-exp(logRate) Δ) h + Δ x bᵀ` and `y = h c + skip x`. Heads share `b` and `c` in `groups`.
public struct StateSpace: Sendable {
    public let heads, width, groups, states: Int
    /// Each `[heads]`.
    public let logRate, stepBias, skip: Tensor
    public let steps: ClosedRange<Float>

    public init(
        heads: Int,
        width: Int,
        groups: Int,
        states: Int,
        logRate: Tensor,
        stepBias: Tensor,
        skip: Tensor,
        steps: ClosedRange<Float> = 0 ... .infinity
    ) {
        precondition(heads % groups == 0, "state space: \(heads) heads in \(groups) groups")
        precondition([logRate, stepBias, skip].allSatisfy { $0.shape == [heads] }, "state space: \(logRate.shape)")
        (self.heads, self.width, self.groups, self.states) = (heads, width, groups, states)
        (self.logRate, self.stepBias, self.skip, self.steps) = (logRate, stepBias, skip, steps)
    }

    /// Numbers of all heads' states.
    public var size: Int { heads * width * states }

    /// What a head does at a place, and how its step came about.
    func head(_ head: Int, _ delta: Float) -> (scan: scan_t, rate: Float, slope: Float) {
        let value = delta + stepBias.floats[head], free = value > 20 ? value : log1p(exp(value))
        let step = min(max(free, steps.lowerBound), steps.upperBound), rate = -exp(logRate.floats[head])
        let scan = scan_t(
            decay: exp(step * rate),
            step: step,
            skip: skip.floats[head],
            width: width,
            states: states
        )
        return (scan, rate, step == free ? 1 / (1 + exp(-value)) : 0)
    }
}

/// What a row says to a state space: `x` `[rows, heads * width]`, `b` and `c` `[rows, groups * states]`, `delta` `[rows, heads]`.
public struct ScanInputs: Sendable {
    public let x, b, c, delta: Tensor

    public init(x: Tensor, b: Tensor, c: Tensor, delta: Tensor) {
        (self.x, self.b, self.c, self.delta) = (x, b, c, delta)
    }
}

/// Moves the states of sequences on, row by row: `[rows, heads * width]`.
///
/// Each row's sums have one order, whatever else is in the batch and wherever a sequence was cut.
///
/// - Parameter part: where in the layer's state it is, ``StateSpace/size`` numbers.
public func scanned(
    _ inputs: ScanInputs,
    _ space: StateSpace,
    layer: Int,
    part: Range<Int>,
    plan: AttentionPlan,
    cache: KeyValueCache
) -> Tensor {
    let rows = plan.positions.count, shared: Shape = [rows, space.groups * space.states]
    precondition(inputs.x.shape == [rows, space.heads * space.width], "scan: x \(inputs.x.shape)")
    precondition(inputs.b.shape == shared && inputs.c.shape == shared, "scan: \(inputs.b.shape), \(inputs.c.shape)")
    precondition(inputs.delta.shape == [rows, space.heads], "scan: steps \(inputs.delta.shape)")
    precondition(part.count == space.size, "scan: a state of \(part.count)")
    let states = cache.states(of: plan, layer: layer, part: part), sequences = plan.begun.map(\.rows)
    let y = Tensor(inputs.x.shape) { target in
        parallel(rows: sequences.count * space.heads, grain: 1) { jobs, _ in
            for job in jobs {
                let head = job % space.heads, size = space.width * space.states
                let state = states[job / space.heads] + head * size
                for row in sequences[job / space.heads] { space.step(row, head, inputs, state, target) }
            }
        }
        withExtendedLifetime((inputs, space, cache)) {}
    }
    let made = [inputs.x, inputs.b, inputs.c, inputs.delta, space.logRate, space.stepBias, space.skip]
    return y.made(from: made) { scanGradients(inputs, space, $0, plan) }
}

extension StateSpace {
    /// Moves a head's state on by a row, whose result goes into `y` `[rows, heads * width]`.
    func step(
        _ row: Int,
        _ index: Int,
        _ inputs: ScanInputs,
        _ state: UnsafeMutablePointer<Float>,
        _ y: UnsafeMutablePointer<Float>
    ) {
        var scan = head(index, inputs.delta.floats[row * heads + index]).scan
        let at = (row * heads + index) * width, shared = self.shared(row, index)
        Kernel.table.scan_step(
            y + at,
            state,
            inputs.x.floats + at,
            inputs.b.floats + shared,
            inputs.c.floats + shared,
            &scan
        )
    }

    /// Where a row's `b` and `c` for a head begin.
    func shared(_ row: Int, _ index: Int) -> Int { (row * groups + index / (heads / groups)) * states }
}
