package import Checkpoints

/// A pull told in lines: each source, each pause with its reason, every tenth of the bytes, the verification.
package struct ProgressNotes {
    private let title: String
    private var phase: PullProgress.Phase?
    private var source = ""
    private var tenth = 0

    package init(_ title: String) { self.title = title }

    /// The line that a report deserves, if any.
    package mutating func line(for progress: PullProgress) -> String? {
        let isNews = (progress.phase, progress.source) != (phase, source) || progress.phase == .retrying
        (phase, source) = (progress.phase, progress.source)
        if isNews { tenth = 0 }
        return (isNews ? beginning(of: progress) : growth(of: progress)).map { "\(title): \($0)" }
    }

    private func beginning(of progress: PullProgress) -> String {
        switch progress.phase {
        case .waiting: "waiting: \(progress.reason ?? "")"
        case .fetching: "fetching from \(progress.source)"
        case .retrying: "\(progress.reason ?? ""); trying again"
        case .verifying: "verifying \(progress.source)"
        }
    }

    private mutating func growth(of progress: PullProgress) -> String? {
        guard progress.phase == .fetching, let total = progress.total, total > 0 else { return nil }
        let now = progress.completed * 10 / total
        guard now > tenth else { return nil }
        tenth = now
        return "\(now * 10) % of \(Figures.bytes(total))"
    }
}
