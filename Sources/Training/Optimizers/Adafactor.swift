import Foundation
public import Tensors

/// Adam without most of its memory (Shazeer & Stern 2018): the second moments of a matrix are kept as those of its rows and
/// columns, there is no first moment, and a step is cut to a size and measured by the parameter it moves.
///
/// Weight decay pulls on matrices, not on norms and biases; there is none by default.
public struct Adafactor: Optimizer {
    /// How large a step is, as a share of the root-mean-square of its parameter.
    public enum StepSize: String, Sendable, Hashable, Codable, CaseIterable {
        /// The learning rate.
        case scheduled
        /// One over the root of the number of steps, or the learning rate where that is smaller.
        case relative
    }

    /// The exponent that second moments forget by, the size that a step is cut to, and weight decay.
    public var forgetting: Float, clip: Float, decay: Float
    public var stepSize: StepSize
    /// Added to each squared slope, and the least root-mean-square that a parameter counts with.
    public var epsilon: Float = 1e-30, floor: Float = 1e-3
    public var memory: [String: Tensor] = [:]
    public var steps = 0

    public init(forgetting: Float = 0.8, clip: Float = 1, decay: Float = 0, stepSize: StepSize = .scheduled) {
        (self.forgetting, self.clip, self.decay, self.stepSize) = (forgetting, clip, decay, stepSize)
    }

    public var identity: String { "Adafactor \(forgetting) \(clip) \(decay) \(stepSize) \(epsilon) \(floor)" }

    public mutating func move(_ name: String, _ parameter: inout Tensor, along slope: Tensor, rate: Float) {
        let share = stepSize == .relative ? min(rate, 1 / Float(steps).squareRoot()) : rate
        let size = norm([name: parameter]) / Float(max(1, parameter.shape.elements)).squareRoot()
        let rate = share * max(floor, size)
        let factors = AdafactorFactors(
            beta2: Float(1 - pow(Double(steps), -Double(forgetting))),
            epsilon: epsilon,
            clip: clip,
            rate: rate,
            kept: decays(parameter) ? 1 - rate * decay : 1
        )
        step(name, &parameter, slope, factors)
    }

    private mutating func step(_ name: String, _ parameter: inout Tensor, _ slope: Tensor, _ factors: AdafactorFactors)
    {
        guard slope.shape.count == 2 else {
            var second = recall("second.\(name)", like: slope)
            adafactorStep(&parameter, second: &second, slope, factors)
            return memory["second.\(name)"] = second
        }
        var rows = recall("rows.\(name)", [slope.shape[0]]), columns = recall("columns.\(name)", [slope.shape[1]])
        adafactorStep(&parameter, rows: &rows, columns: &columns, slope, factors)
        (memory["rows.\(name)"], memory["columns.\(name)"]) = (rows, columns)
    }
}
