import Checkpoints
import Foundation
import Synchronization

/// Shows a download: a bar that redraws itself on a terminal, a plain line every ten per cent elsewhere.
final class ProgressBar: Sendable {
    private struct State: ~Copyable {
        var last = ContinuousClock.now - .seconds(1)
        var tenth = -1
    }

    private let title: String
    private let state = Mutex(State())

    init(_ title: String) { self.title = title }

    func update(_ progress: PullProgress) {
        state.withLock { state in
            Terminal.errorIsTerminal ? draw(progress, &state) : note(progress, &state)
        }
    }

    func finish() {
        if Terminal.errorIsTerminal { Terminal.draw("\r\u{1B}[K") }
    }

    private func draw(_ progress: PullProgress, _ state: inout State) {
        guard .now - state.last > .milliseconds(100) else { return }
        state.last = .now
        let line = ProgressLine(
            title: title,
            completed: progress.completed,
            total: progress.total,
            rate: progress.bytesPerSecond
        )
        Terminal.draw("\r\(line.text(columns: Terminal.columns))\u{1B}[K")
    }

    private func note(_ progress: PullProgress, _ state: inout State) {
        guard let total = progress.total, total > 0, progress.completed * 10 / total > state.tenth else { return }
        state.tenth = progress.completed * 10 / total
        Terminal.complain("\(title): \(state.tenth * 10) % of \(Figures.bytes(total))")
    }
}
