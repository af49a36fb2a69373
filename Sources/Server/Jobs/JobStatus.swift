import Synchronization

/// Where a job stands, in OpenAI's words.
package enum JobStatus: String, CaseIterable, Sendable {
    case validatingFiles = "validating_files"
    case queued, running, paused, succeeded, failed, cancelled

    /// Nothing follows.
    package var isFinal: Bool { [.succeeded, .failed, .cancelled].contains(self) }
}

/// How many jobs stand where, for `/metrics`, which does not wait for a disk.
package final class JobGauge: Sendable {
    private let counts = Mutex<[JobStatus: Int]>([:])

    package var current: [JobStatus: Int] { counts.withLock(\.self) }

    func set(_ counts: [JobStatus: Int]) { self.counts.withLock { $0 = counts } }
}
