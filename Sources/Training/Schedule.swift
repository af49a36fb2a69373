import Foundation

/// The learning rate over the course of a run.
public struct Schedule: Sendable, Hashable {
    public enum Shape: String, Sendable, Hashable, CaseIterable {
        case constant, linear, cosine
        /// Warm-up, stable, decay (Hu et al. 2024): constant until the last part, then down in a straight line.
        case wsd
    }

    public var shape: Shape
    /// The highest rate, and its share that is left at the end.
    public var peak: Float, floor: Float
    /// Steps of the whole run, those that lead up to the peak, and for `wsd` those that lead down.
    public var steps: Int, warmUp: Int, decay: Int

    public init(_ shape: Shape, peak: Float, floor: Float = 0.1, steps: Int, warmUp: Int = 0, decay: Int? = nil) {
        (self.shape, self.peak, self.floor) = (shape, peak, floor)
        (self.steps, self.warmUp, self.decay) = (steps, warmUp, decay ?? max(1, steps / 10))
    }

    /// The rate of a step; the first is step 0.
    public func rate(at step: Int) -> Float {
        if step < warmUp { return peak * Float(step + 1) / Float(warmUp) }
        let start = shape == .wsd ? steps - decay : warmUp
        let share = min(max(Float(step - start) / Float(max(1, steps - start)), 0), 1)
        return peak * (floor + (1 - floor) * left(share))
    }

    /// What is left of the way down after a share of it.
    private func left(_ share: Float) -> Float {
        switch shape {
        case .constant: 1
        case .linear, .wsd: 1 - share
        case .cosine: (1 + cos(share * .pi)) / 2
        }
    }
}
