import Foundation
import Server
import Synchronization

/// Trains nothing, step by step, with a checkpoint every second step, from which it goes on in whatever process.
struct FakeTuner: FineTuner {
    let folder: URL
    var steps = 4
    var refusal, invalid, failure: FineTuningFailure?
    let pace = Pace()

    /// How far it may go, and what it did.
    final class Pace: Sendable {
        private let state = Mutex((allowed: Int.max, begun: [String](), stops: 0, computed: [Int]()))

        var begun: [String] { state.withLock { $0.begun } }
        var stops: Int { state.withLock { $0.stops } }
        var computed: [Int] { state.withLock { $0.computed } }

        func allow(_ step: Int) { state.withLock { $0.allowed = step } }
        func allows(_ step: Int) -> Bool { state.withLock { step <= $0.allowed } }
        func begin(_ job: String) { state.withLock { $0.begun.append(job) } }
        func stop() { state.withLock { $0.stops += 1 } }
        func compute(_ step: Int) { state.withLock { $0.computed.append(step) } }
    }

    func check(_ request: FineTuningRequest) throws -> FineTuningHyperparameters {
        if let refusal { throw refusal }
        var resolved = request.hyperparameters
        resolved.epochs = resolved.epochs ?? 3
        return resolved
    }

    func validate(_ job: FineTuningJob) throws {
        if let invalid { throw invalid }
    }

    func run(
        _ job: FineTuningJob,
        report: (FineTuningReport) throws -> Void,
        isStopped: @escaping @Sendable () -> Bool
    ) throws -> FineTuningOutcome {
        pace.begin(job.id)
        let memory = folder.appending(path: job.id)
        try FileManager.default.createDirectory(at: memory, withIntermediateDirectories: true)
        let last = memory.appending(path: "last")
        var step = (try? String(contentsOf: last, encoding: .utf8)).flatMap(Int.init) ?? 0
        var kept = stride(from: 2, through: step, by: 2).map { early in
            FineTuningCheckpoint(
                url: memory.appending(path: "step-\(early)"),
                metrics: FineTuningMetrics(step: early, totalSteps: steps, trainLoss: 1 / Double(early))
            )
        }
        while step < steps {
            while !pace.allows(step + 1), !isStopped() { usleep(1000) }
            guard !isStopped() else {
                pace.stop()
                return .stopped
            }
            step += 1
            pace.compute(step)
            var metrics = FineTuningMetrics(step: step, totalSteps: steps, trainLoss: 1 / Double(step))
            if step == steps { metrics.validLoss = 0.5 }
            metrics.secondsLeft = Double(steps - step)
            try report(.metrics(metrics))
            guard step.isMultiple(of: 2) else { continue }
            let place = memory.appending(path: "step-\(step)")
            try Data().write(to: place)
            try Data("\(step)".utf8).write(to: last)
            kept.append(FineTuningCheckpoint(url: place, metrics: metrics))
            try report(.checkpoints(Array(kept.suffix(2))))
        }
        if let failure { throw failure }
        let model = memory.appending(path: "model")
        try Data().write(to: model)
        return .finished(FineTuned(url: model, trainedTokens: 100 * steps))
    }
}
