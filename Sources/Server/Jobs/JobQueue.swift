import Foundation
package import Logging
import Store
import Synchronization

/// The threads that carry jobs on: "validation" and "fine-tuning".
///
/// The queue itself is the table: whatever a job's row says is where it stands, so a process that ends at any moment loses
/// nothing but the steps since the trainer's last checkpoint, which are then computed again.
package final class JobQueue: Sendable {
    package let records: JobRecords
    package let tuner: any FineTuner
    let logger: Logger
    private let isLeaving: @Sendable () -> Bool
    private let bell = Bell()
    private let current = Mutex<Run?>(nil)
    private let threads = Mutex(0)
    private let ended = Occurrence()

    /// A run of the trainer that can be told to stop.
    private final class Run: Sendable {
        let job: String
        let isStopped = Atomic(false)

        init(_ job: String) { self.job = job }
    }

    /// - Parameter isLeaving: whether the server is about to end; then the run stops at its next step.
    package init(
        _ records: JobRecords,
        tuner: any FineTuner,
        logger: Logger,
        isLeaving: @escaping @Sendable () -> Bool = { false }
    ) {
        (self.records, self.tuner, self.logger, self.isLeaving) = (records, tuner, logger, isLeaving)
    }

    /// Goes on with what an earlier process left, and takes new jobs. To be called once.
    package func start() {
        threads.withLock { $0 = 2 }
        work("validation", on: [.validatingFiles]) { try $0.validate($1) }
        work("fine-tuning", on: [.running, .queued]) { try $0.train($1) }
    }

    /// Looks for work again: a job was made, or moved.
    package func wake() { bell.ring() }

    /// Stops the run of this job, if it is the one that runs.
    package func interrupt(_ id: String) {
        current.withLock { if $0?.job == id { $0?.isStopped.store(true, ordering: .relaxed) } }
        bell.ring()
    }

    /// Lets the run stop at its next step, and returns when both threads have ended, or the task is cancelled.
    ///
    /// The job stays `running`: the next process goes on with it.
    package func stop() async {
        bell.close()
        current.withLock { $0?.isStopped.store(true, ordering: .relaxed) }
        guard threads.withLock({ $0 }) > 0 else { return }
        let (ends, end) = AsyncStream<Never>.makeStream()
        await ended.listening {
            end.finish()
        } while: {
            for await _ in ends {}
        }
    }
}

// MARK: The threads

extension JobQueue {
    /// How long to wait after the disk refused, before trying again.
    private static let patience = 10.0

    private func work(
        _ name: String,
        on statuses: [JobStatus],
        _ perform: @escaping @Sendable (JobQueue, StoredJob) throws -> Void
    ) {
        let thread = Thread { [self] in
            while !bell.isClosed, !isLeaving() {
                let rings = bell.rings
                do {
                    if let job = try records.next(statuses) { try perform(self, job) } else { bell.wait(beyond: rings) }
                } catch {
                    logger.error("fine-tuning waits, then tries again: \(error)")
                    bell.wait(beyond: bell.rings, seconds: Self.patience)
                }
            }
            if threads.withLock({
                $0 -= 1; return $0
            }) == 0 {
                ended.happen()
            }
        }
        thread.name = name
        thread.stackSize = 16 << 20
        thread.start()
    }

    private func validate(_ job: StoredJob) throws {
        do {
            try tuner.validate(records.forTrainer(job))
            try records.move(job.id, from: [.validatingFiles], to: .queued, "The files are good; the job is queued.")
            bell.ring()
        } catch let error where !error.isPassing {
            try records.fail(job.id, FineTuningFailure(error))
        }
    }

    private func train(_ job: StoredJob) throws {
        let run = Run(job.id)
        current.withLock { $0 = run }
        defer { current.withLock { $0 = nil } }
        let word = job.status == .running ? "The job goes on from its last checkpoint." : "The job is running."
        guard try records.move(job.id, from: [job.status], to: .running, word), !bell.isClosed else { return }
        logger.info("fine-tuning job \(job.id) runs")
        do {
            let given = try records.forTrainer(job)
            let journal = JobJournal(given, records)
            let outcome = try tuner.run(given, report: journal.add) { [isLeaving] in
                run.isStopped.load(ordering: .relaxed) || isLeaving()
            }
            try journal.flush()
            try settle(given, outcome, run)
        } catch let error where !error.isPassing {
            logger.warning("fine-tuning job \(job.id) failed: \(error)")
            try records.fail(job.id, FineTuningFailure(error))
        }
    }

    private func settle(_ job: FineTuningJob, _ outcome: FineTuningOutcome, _ run: Run) throws {
        switch outcome {
        case .finished(let tuned):
            do { try records.finish(job, tuned) } catch is JobRecords.Superseded {}
            logger.info("fine-tuning job \(job.id) has ended")
        case .stopped:
            guard run.isStopped.load(ordering: .relaxed) || isLeaving() else {
                throw FineTuningFailure(code: "stopped", message: "The trainer stopped though nobody asked it to.")
            }
        }
    }
}

extension Error {
    /// The disk, or what has it, is in the way for the moment: no job fails of that.
    fileprivate var isPassing: Bool { (self as? StoreError)?.isPassing ?? false }
}

extension FineTuningFailure {
    init(_ error: any Error) {
        self = error as? FineTuningFailure ?? FineTuningFailure(code: "server_error", message: "\(error)")
    }
}
