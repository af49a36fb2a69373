import Foundation

/// Writes down what a run reports. Figures of quick steps share a transaction, so that the disk does not set the pace.
final class JobJournal {
    private let job: FineTuningJob
    private let records: JobRecords
    private var steps: [FineTuningMetrics] = []
    private var written = ContinuousClock.now

    private static let interval = Duration.milliseconds(250), most = 200

    init(_ job: FineTuningJob, _ records: JobRecords) { (self.job, self.records) = (job, records) }

    func add(_ report: FineTuningReport) throws {
        if case .metrics(let metrics) = report {
            steps.append(metrics)
            if steps.count >= Self.most || written.duration(to: .now) >= Self.interval { try flush() }
            return
        }
        try flush()
        switch report {
        case .metrics: break
        case .resolved(let hyperparameters): try records.resolve(job.id, hyperparameters)
        case .checkpoints(let all): try records.keep(all, of: job)
        case .message(let level, let text): try records.note(job.id, level, text)
        }
    }

    func flush() throws {
        if !steps.isEmpty { try records.note(job.id, steps) }
        (steps, written) = ([], .now)
    }
}
