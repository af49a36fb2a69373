/// What trains. The server keeps the jobs, their files and their order; how a model learns is the trainer's.
///
/// Each method may block its thread as long as it says. None is ever called on a thread that serves requests or on Swift's
/// cooperative pool.
public protocol FineTuner: Sendable {
    /// Says no to what cannot be trained, before there is a job.
    ///
    /// Called while the client waits, on a thread of the server's workshop, by several clients at once: milliseconds, no
    /// reading of files. The model is one that is served and the files are there.
    ///
    /// - Returns: the hyperparameters with the values that `auto` stands for, as far as they are known.
    /// - Throws: ``FineTuningFailure``, which the client gets with status 400.
    func check(_ request: FineTuningRequest) throws -> FineTuningHyperparameters

    /// Reads the files and says no to what is wrong with them; the job is `validating_files` meanwhile.
    ///
    /// Called once for each job, one at a time, on the thread "validation", perhaps while another job runs; once more if the
    /// process ended before it returned. It may take minutes.
    ///
    /// - Throws: ``FineTuningFailure``, whose `param` is `training_file` or `validation_file`; the job is then `failed`.
    func validate(_ job: FineTuningJob) throws

    /// Trains; the job is `running` meanwhile.
    ///
    /// Called for one job at a time, in the order in which they were made, on the thread "fine-tuning", which does nothing else.
    /// It may take days. It is called again for the same job after a pause, and after the end of the process, whether in order
    /// or by `kill -9`: by the job's `id` the trainer finds what it had, and goes on from there exactly.
    ///
    /// - Parameter report: keeps what happened for those who ask, and returns when it is on the disk; metrics of quick steps may
    ///   wait for the next report. To be called on the thread of `run`; what it throws (the disk is full) `run` throws on, and is
    ///   called again when there is room.
    /// - Parameter isStopped: to be asked between two steps, from any thread, at no cost. Once it is true, `run` saves what it
    ///   needs to go on, and returns ``FineTuningOutcome/stopped`` soon.
    /// - Throws: ``FineTuningFailure``; the job is then `failed`. So it is with any other error.
    func run(
        _ job: FineTuningJob,
        report: (FineTuningReport) throws -> Void,
        isStopped: @escaping @Sendable () -> Bool
    ) throws -> FineTuningOutcome
}

/// How a run ended, if nothing went wrong.
public enum FineTuningOutcome: Sendable {
    case finished(FineTuned)
    /// As it was asked to.
    case stopped
}

/// Why a job cannot be, or did not come to its end; its client reads it.
public struct FineTuningFailure: Error, Hashable, Codable, Sendable {
    /// For programs, as `invalid_training_file`.
    public var code: String
    public var message: String
    /// The field of the request that is at fault.
    public var param: String?

    public init(code: String, message: String, param: String? = nil) {
        (self.code, self.message, self.param) = (code, message, param)
    }
}
