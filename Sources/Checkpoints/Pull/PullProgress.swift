/// How far a pull has come.
public struct PullProgress: Sendable, Hashable {
    public enum Phase: String, Sendable {
        /// Another process is fetching the same file.
        case waiting
        case fetching
        /// A source failed and is tried again, or the next one is.
        case retrying
        case verifying
    }

    public var phase: Phase
    /// Where the bytes come from, as a person would write it.
    public var source: String
    public var completed: Int
    /// Nil while nobody has said how much there is.
    public var total: Int?
    public var bytesPerSecond: Double
    /// Why it is waiting or trying again.
    public var reason: String?

    package init(
        phase: Phase,
        source: String,
        completed: Int = 0,
        total: Int?,
        bytesPerSecond: Double = 0,
        reason: String? = nil
    ) {
        (self.phase, self.source, self.reason) = (phase, source, reason)
        (self.completed, self.total, self.bytesPerSecond) = (completed, total, bytesPerSecond)
    }

    /// The time left at this rate.
    public var secondsLeft: Double? {
        guard let total, bytesPerSecond > 0 else { return nil }
        return Double(max(0, total - completed)) / bytesPerSecond
    }
}

/// Turns bytes as they come into reports, ten a second at most, with a rate over the last seconds.
final class ProgressMeter {
    private let report: @Sendable (PullProgress) -> Void
    private var progress: PullProgress
    private var samples: [(time: ContinuousClock.Instant, bytes: Int)] = []
    private var lastReport: ContinuousClock.Instant?

    init(_ report: @escaping @Sendable (PullProgress) -> Void) {
        self.report = report
        progress = PullProgress(phase: .fetching, source: "", total: nil)
    }

    /// Begins a phase, and reports it at once.
    func begin(_ phase: PullProgress.Phase, source: String, total: Int?, reason: String? = nil) {
        progress = PullProgress(phase: phase, source: source, total: total, reason: reason)
        (samples, lastReport) = ([], nil)
        report(progress)
    }

    func update(_ completed: Int, of total: Int? = nil) {
        let now = ContinuousClock.now
        progress.completed = completed
        progress.total = total ?? progress.total
        if let last = lastReport, now - last < .milliseconds(100), completed != progress.total { return }
        samples.append((now, completed))
        samples.removeAll { now - $0.time > .seconds(5) }
        if let first = samples.first, now > first.time {
            progress.bytesPerSecond = Double(completed - first.bytes) / ((now - first.time) / .seconds(1))
        }
        lastReport = now
        report(progress)
    }
}
