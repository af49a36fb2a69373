import Bundles
import Foundation
import Server
import Text
import Training

/// Trains a server's jobs in its own process: each is a run of its own, which goes on exactly where it was.
///
/// What a job does not say has a default that suits an adapter over the served model; its `yuyan` settings are those of a
/// run's file and go before everything else.
struct LocalTuner: FineTuner {
    /// `YUYAN_HOME`.
    let home: URL
    /// The path of a model that is served.
    let path: @Sendable (String) throws -> String

    func check(_ request: FineTuningRequest) throws -> FineTuningHyperparameters {
        let url = URL(filePath: "train.jsonl")
        let file = FineTuningJob.File(id: request.trainingFile, name: "train.jsonl", url: url)
        try failing("invalid_hyperparameters", nil) {
            let settings = try TunerSettings(request, train: file, validation: nil, path(request.model))
            do { _ = try RunConfiguration(settings.json()) } catch let error as RunConfigurationError {
                throw FineTuningFailure(error, of: request)
            }
        }
        var resolved = request.hyperparameters
        resolved.epochs = resolved.epochs ?? TunerSettings.epochs
        resolved.learningRateMultiplier = resolved.learningRateMultiplier ?? 1
        if request.method == .dpo { resolved.beta = resolved.beta ?? 0.1 }
        return resolved
    }

    func validate(_ job: FineTuningJob) throws {
        try failing("invalid_training_file", "training_file") {
            let statistics = try training(job).statistics()
            guard statistics.rejected == 0 else {
                let rows = "\(statistics.rejected) of \(statistics.rows) rows cannot be learnt from"
                throw FineTuningFailure(
                    code: "invalid_training_file",
                    message: "\(rows); yuyan train tells each with its line",
                    param: "training_file"
                )
            }
        }
    }

    func run(
        _ job: FineTuningJob,
        report: (FineTuningReport) throws -> Void,
        isStopped: @escaping @Sendable () -> Bool
    ) throws -> FineTuningOutcome {
        try failing("training_failed", nil) {
            let training = try sized(job)
            _ = try training.plan(tries: false)
            var run = try training.prepared()
            let teller = RunTeller(run, training)
            let ending = try run.go(isStopped: isStopped) { event in
                if let told = teller.report(event) { try report(told) }
                if let kept = teller.checkpoints() { try report(kept) }
            }
            if let kept = teller.checkpoints() { try report(kept) }
            guard ending != .stopped else { return .stopped }
            return .finished(FineTuned(url: run.result, trainedTokens: teller.tokens))
        }
    }

    private func training(_ job: FineTuningJob, _ statistics: DatasetStatistics? = nil) throws -> TrainingJob {
        var settings = try TunerSettings(
            job.request,
            train: job.trainingFile,
            validation: job.validationFile,
            path(job.request.model)
        )
        settings.fit(statistics)
        let folder = RunFolder(home.appending(path: "runs").appending(path: job.id))
        let places = TrainingJob.Places(folder, datasets: home.appending(path: "datasets"), files: home)
        return TrainingJob(job.id, try RunConfiguration(settings.json()), in: places) { try ModelBundle.named($0) }
    }

    /// The job with batches and a context that suit its examples.
    private func sized(_ job: FineTuningJob) throws -> TrainingJob {
        try training(job, training(job).statistics())
    }

    /// Tells a client what went wrong in words; a full disk is passed on as it is.
    private func failing<Result>(_ code: String, _ param: String?, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let failure as FineTuningFailure { throw failure } catch let error
            where ExitStatus(error) != nil
        {
            throw FineTuningFailure(code: code, message: "\(error)", param: param)
        }
    }
}

/// What happens in a run, as a server's clients follow it.
private final class RunTeller {
    private let steps: Int, folder: RunFolder
    private let began = ContinuousClock.now
    private var first: Int?
    private(set) var tokens = 0
    /// The steps whose checkpoints were told of last.
    private var told: [Int] = []

    init(_ run: PreparedRun, _ job: TrainingJob) { (steps, folder) = (run.steps, job.places.folder) }

    func report(_ event: TrainingJob.Event) -> FineTuningReport? {
        switch event {
        case .training(.step(let record)): .metrics(metrics(record))
        case .training(.resumed(let step)): .message(.info, "Going on after step \(step)")
        case .sample(let sample): .message(.info, sample.prompt + sample.text)
        case .training(.keeping), .tokenizer, .reading: nil
        }
    }

    /// The checkpoints there are, if they are others than when it was last asked. They are written beside the run, so they
    /// come a step or two later.
    func checkpoints() -> FineTuningReport? {
        let kept = folder.steps
        guard kept != told, let records = try? folder.records() else { return nil }
        told = kept
        let all = records.filter { kept.contains($0.step) }
        return .checkpoints(all.map { .init(url: folder.checkpoint($0.step), metrics: figures($0)) })
    }

    private func metrics(_ record: StepRecord) -> FineTuningMetrics {
        let start = first ?? record.step - 1
        (first, tokens) = (start, record.tokens)
        var metrics = figures(record)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        metrics.tokensPerSecond = record.seconds > 0 ? record.rows.map { Double($0) / record.seconds } : nil
        metrics.secondsLeft = seconds / Double(max(1, record.step - start)) * Double(steps - record.step)
        return metrics
    }

    private func figures(_ record: StepRecord) -> FineTuningMetrics {
        var metrics = FineTuningMetrics(step: record.step, totalSteps: steps, trainLoss: record.loss)
        (metrics.validLoss, metrics.learningRate) = (record.validation, Double(record.rate))
        (metrics.tokens, metrics.more) = (record.tokens, record.metrics ?? [:])
        return metrics
    }
}
