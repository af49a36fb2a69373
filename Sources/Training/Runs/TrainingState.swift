public import Tensors

/// All that a run is between two steps: from the same state on, every later step is the same to the bit.
public struct TrainingState<Cursor: Codable & Sendable & Hashable>: Sendable {
    /// What is learnt, float32 tensors.
    public var parameters: [String: Tensor]
    /// The running average of the parameters, or empty for a run without one.
    public var average: [String: Tensor]
    public var optimizer: any Optimizer
    /// Where the run is in its data.
    public var cursor: Cursor
    public var progress: Progress

    public init(_ parameters: [String: Tensor], _ optimizer: any Optimizer, at cursor: Cursor, isAveraged: Bool) {
        (self.parameters, self.optimizer, self.cursor) = (parameters, optimizer, cursor)
        average = isAveraged ? parameters : [:]
        progress = Progress()
    }

    /// What serves: the average where there is one.
    public var result: [String: Tensor] { average.isEmpty ? parameters : average }
}

/// How far a run has come.
public struct Progress: Codable, Sendable, Hashable {
    /// Steps taken, and tokens learnt from.
    public var step = 0, tokens = 0
    /// The loss, smoothed over some ten steps, and its lowest so far.
    public var smoothed: Double?, lowest: Double?
    /// Steps in a row that were skipped because their gradient was not a number.
    public var skipped = 0
    /// The lowest validation loss, the step it was measured after, and how often it has not been beaten since.
    public var best: Double?, bestStep: Int?, stale = 0

    public init() {}

    mutating func note(loss: Double) {
        let smooth = smoothed.map { 0.9 * $0 + 0.1 * loss } ?? loss
        (smoothed, lowest) = (smooth, min(lowest ?? smooth, smooth))
    }

    /// Whether a validation loss is the lowest so far.
    mutating func note(validation loss: Double) -> Bool {
        guard loss < best ?? .infinity else {
            stale += 1
            return false
        }
        (best, bestStep, stale) = (loss, step, 0)
        return true
    }
}
