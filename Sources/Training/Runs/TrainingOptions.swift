/// How a run goes, whatever it learns.
public struct TrainingOptions: Sendable, Hashable {
    public var schedule: Schedule
    /// Batches whose gradients make one step.
    public var accumulation = 1
    /// The length that gradients are cut to, or nil for none.
    public var clip: Float? = 1
    /// Whether each parameter moves as soon as its gradient is whole, which is then forgotten (Lv et al. 2023): steps of one batch,
    /// whose gradients are not cut.
    public var movesInBackward = false
    /// How much of the running average of the weights a step keeps, such as 0.999; nil for no average.
    public var averaging: Float?
    /// Steps between checkpoints, and how many of the latest are kept; the best and the last always are.
    public var checkpointEvery = 500, keep = 2
    /// Steps between measurements on held-out text, and how many without a new best end the run; nil for no end.
    public var validateEvery = 100, patience: Int?
    /// How many nats the smoothed loss may rise above its lowest before the run counts as diverged; nil for any number.
    public var tolerance: Double? = 2
    /// Steps in a row whose gradient may be no number.
    public var skips = 3

    public init(_ schedule: Schedule) { self.schedule = schedule }

    /// Throws ``TrainingError/setting(name:value:expected:)`` where options exclude each other.
    func check() throws {
        guard movesInBackward, accumulation > 1 || clip != nil else { return }
        throw TrainingError.setting(
            name: "movesInBackward",
            value: "true, with accumulation \(accumulation) and clip \(clip.map { "\($0)" } ?? "none")",
            expected: "accumulation 1 and no clip beside it, for never are all gradients there"
        )
    }

    /// What the steps depend on; how often something is written or measured does not change them.
    var identity: String { "\(schedule) \(accumulation) \(clip ?? .infinity) \(averaging ?? 0)" }
}

/// What ends a run before its time.
public enum TrainingError: Error, Hashable, CustomStringConvertible {
    /// The gradient was not a number too often in a row.
    case notANumber(step: Int, times: Int)
    case diverged(step: Int, loss: Double, lowest: Double)
    /// Something could not be written.
    case unwritable(step: Int, reason: String, last: Int?)
    /// A checkpoint of another run, or of none.
    case mismatch(path: String, problem: String)
    /// Another process has the run.
    case busy(path: String)
    /// A number that somebody set is out of its range.
    case setting(name: String, value: String, expected: String)
    /// Linear maps to adapt that the network does not have.
    case targets(unknown: [String], known: [String])
    /// A batch whose documents are no pairs of a chosen and a rejected one.
    case unpaired(documents: Int)

    public var description: String {
        switch self {
        case .notANumber(let step, let times):
            "at step \(step) the gradient was not a number, for the \(times)th time in a row: lower the learning rate, or "
                + "compute in float32"
        case .diverged(let step, let loss, let lowest):
            "the loss has risen to \(loss) at step \(step), from \(lowest): lower the learning rate or lengthen the warm-up"
        case .unwritable(let step, let reason, let last):
            "the run stopped at step \(step): \(reason); "
                + (last.map { "the checkpoint of step \($0) is whole: make room, then resume" }
                    ?? "nothing was kept yet")
        case .mismatch(let path, let problem): "\(path) cannot be continued: \(problem)"
        case .setting(let name, let value, let expected): "\(name) is \(value); expected \(expected)"
        case .targets(let unknown, let known):
            (unknown.isEmpty
                ? "no linear map is named to adapt"
                : "the network has no linear map \(unknown.joined(separator: ", "))")
                + "; it has \(known.joined(separator: ", ")), or say all-linear"
        case .unpaired(let documents):
            "a batch of \(documents) documents is none of pairs: preferences take data of chosen and rejected answers"
        case .busy(let path): "\(path) is being trained by another process; wait for it, or choose another folder"
        }
    }
}
