public import Checkpoints
public import Foundation
public import Tensors

/// What happens in the course of a run.
public enum TrainingEvent: Sendable {
    case resumed(step: Int)
    case step(StepRecord)
    /// A checkpoint of this step is being written, beside the run.
    case keeping(step: Int)
}

/// How a run ended.
public enum TrainingEnding: Sendable, Hashable {
    /// All steps were taken.
    case finished
    /// Somebody asked for it; a checkpoint of the last step taken was written.
    case stopped
    /// The validation loss did not improve any more.
    case early(best: Int)
}

/// A run: steps along the gradient, measured, kept, and continued exactly.
///
///     var trainer = try Trainer(objective, data, AdamW(), options, in: folder)
///     let ending = try trainer.run { print($0) }
///
/// A run that is killed at any moment and started again in the same folder takes the same steps, to the bit, from its last
/// checkpoint on.
public struct Trainer<Data: TrainingData> {
    public let objective: Objective
    public let data: Data
    public let options: TrainingOptions
    public let folder: RunFolder
    public private(set) var state: TrainingState<Data.Cursor>
    /// Adds to a checkpoint what else a served model needs.
    public var furnish: @Sendable (URL) throws -> Void = { _ in }
    /// The parameters as others read them; nil where that is as they are.
    public var publish: @Sendable ([String: Tensor]) throws -> (any NamedWeights)? = { _ in nil }

    private let lock: RunLock
    private let fingerprint: String
    private let writer = BackgroundWriter()

    /// Begins a run, or takes up the one in `folder` after its last checkpoint.
    ///
    /// - Parameters:
    ///   - parameters: where the run begins; a new network's, or those to fine-tune.
    ///   - identity: tells this run from others: what its options and its network are.
    /// - Throws: `TrainingError.busy` if another process has the folder, `.mismatch` if its checkpoint is of another run.
    public init(
        _ objective: Objective,
        _ parameters: [String: Tensor],
        _ data: Data,
        _ optimizer: any Optimizer,
        _ options: TrainingOptions,
        identity: String = "",
        in folder: RunFolder
    ) throws {
        try options.check()
        (self.objective, self.data, self.options, self.folder) = (objective, data, options, folder)
        fingerprint = [data.fingerprint, options.identity, objective.identity, optimizer.identity, identity]
            .joined(separator: " ")
        lock = try RunLock(folder)
        try folder.prepare()
        let isAveraged = options.averaging != nil
        state = TrainingState(parameters, optimizer, at: data.start, isAveraged: isAveraged)
        if let last = folder.steps.last {
            try Checkpoint.restore(&state, fingerprint: fingerprint, from: folder.checkpoint(last))
        }
    }

    /// Takes the steps that are left, or fewer where `isStopped` says so between two batches.
    ///
    /// - Parameter observe: sees the state after each step; a tensor that it keeps is copied by the next.
    public mutating func run(
        isStopped: () -> Bool = { false },
        report: (TrainingEvent) throws -> Void = { _ in },
        observe: (TrainingState<Data.Cursor>) throws -> Void = { _ in }
    ) throws -> TrainingEnding {
        if state.progress.step > 0 { try report(.resumed(step: state.progress.step)) }
        defer { try? writer.wait() }
        let metrics = try writing { try MetricsFile(folder.metrics, after: state.progress.step) }
        let ending = try steps(metrics, isStopped, report, observe)
        try writing { try writer.wait() }
        if folder.steps.last != state.progress.step {
            try report(.keeping(step: state.progress.step))
            try writing { try CheckpointJob(self).write(state) }
        }
        return ending
    }

    private mutating func steps(
        _ metrics: MetricsFile,
        _ isStopped: () -> Bool,
        _ report: (TrainingEvent) throws -> Void,
        _ observe: (TrainingState<Data.Cursor>) throws -> Void
    ) throws -> TrainingEnding {
        while state.progress.step < options.schedule.steps {
            if let patience = options.patience, state.progress.stale >= patience {
                return .early(best: state.progress.bestStep ?? state.progress.step)
            }
            guard var record = try step(isStopped) else { return .stopped }
            let isBest = try validate(&record)
            try writing { try metrics.append(record) }
            try report(.step(record))
            try observe(state)
            if isBest || record.step % options.checkpointEvery == 0 { try keep(report) }
        }
        return .finished
    }

    /// One step, or nil if the run is stopped in the middle of it; the state is then as before.
    private mutating func step(_ isStopped: () -> Bool) throws -> StepRecord? {
        let clock = ContinuousClock(), begin = clock.now
        var cursor = state.cursor
        let batches = try (0..<options.accumulation).map { _ in try data.next(&cursor) }
        let rate = options.schedule.rate(at: state.progress.step)
        guard let taken = try take(batches, rate, isStopped) else { return nil }
        state.cursor = cursor
        state.progress.step += 1
        state.progress.tokens += batches.reduce(0) { $0 + $1.counted }
        try judge(taken)
        return StepRecord(
            step: state.progress.step,
            loss: taken.mean.loss,
            norm: taken.norm,
            rate: rate,
            tokens: state.progress.tokens,
            rows: batches.reduce(0) { $0 + $1.tokens.count },
            seconds: (clock.now - begin) / .seconds(1),
            skipped: taken.isNumber ? nil : true,
            metrics: taken.mean.metrics.isEmpty ? nil : taken.mean.metrics
        )
    }

    private mutating func take(
        _ batches: [TrainingBatch],
        _ rate: Float,
        _ isStopped: () -> Bool
    ) throws -> StepTaken? {
        var sum = GradientSum()
        for index in batches.indices {
            if isStopped() { return nil }
            let moment = Moment(step: state.progress.step, batch: index)
            if options.movesInBackward {
                let averaging = options.averaging
                return try Threads.inPlace {
                    try state.descend(objective, batches[index], at: moment, rate: rate, averaging: averaging)
                }
            }
            try Threads.inPlace { try sum.add(batches, at: moment, objective, state.parameters) }
        }
        let taken = StepTaken(mean: sum.mean, norm: sum.norm)
        if taken.isNumber {
            sum.clip(to: options.clip, taken.norm)
            state.move(along: sum.gradient, rate: rate, averaging: options.averaging)
        }
        return taken
    }

    /// Ends a run that leads nowhere.
    private mutating func judge(_ taken: StepTaken) throws {
        let step = state.progress.step
        guard taken.isNumber else {
            state.progress.skipped += 1
            guard state.progress.skipped <= options.skips else {
                throw TrainingError.notANumber(step: step, times: state.progress.skipped)
            }
            return
        }
        state.progress.skipped = 0
        state.progress.note(loss: taken.mean.loss)
        guard let tolerance = options.tolerance, step > options.schedule.warmUp else { return }
        guard let smoothed = state.progress.smoothed, let lowest = state.progress.lowest else { return }
        if smoothed > lowest + tolerance { throw TrainingError.diverged(step: step, loss: smoothed, lowest: lowest) }
    }

    /// Measures the loss on held-out text where it is time; returns whether it is the lowest so far.
    private mutating func validate(_ record: inout StepRecord) throws -> Bool {
        let isLast = record.step == options.schedule.steps
        guard isLast || record.step % options.validateEvery == 0, !data.validation.isEmpty else { return false }
        let (loss, metrics) = try objective.evaluate(state.result, data.validation)
        record.validation = loss
        if !metrics.isEmpty {
            let held = metrics.map { ("validation.\($0)", $1) }
            record.metrics = (record.metrics ?? [:]).merging(held) { $1 }
        }
        return state.progress.note(validation: loss)
    }

    /// Writes a checkpoint beside the run.
    private func keep(_ report: (TrainingEvent) throws -> Void) throws {
        let state = state, job = CheckpointJob(self)
        try writing { try writer.submit { try job.write(state) } }
        try report(.keeping(step: state.progress.step))
    }

    /// Says of an error in writing what it leaves.
    private func writing<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            let reason = (error as? CocoaError)?.localizedDescription ?? "\(error)"
            throw TrainingError.unwritable(step: state.progress.step, reason: reason, last: folder.steps.last)
        }
    }

    /// What writing a checkpoint takes.
    private struct CheckpointJob: Sendable {
        let folder: RunFolder, keep: Int, fingerprint: String, furnish: @Sendable (URL) throws -> Void
        let publish: @Sendable ([String: Tensor]) throws -> (any NamedWeights)?

        init(_ trainer: Trainer) {
            (folder, keep) = (trainer.folder, trainer.options.keep)
            (fingerprint, furnish, publish) = (trainer.fingerprint, trainer.furnish, trainer.publish)
        }

        func write(_ state: TrainingState<Data.Cursor>) throws {
            try folder.write(state.progress.step) { draft in
                try Checkpoint.write(state, published: publish(state.result), fingerprint: fingerprint, to: draft)
                try furnish(draft)
            }
            try folder.keep(keep, and: [state.progress.bestStep].compactMap(\.self))
        }
    }
}
