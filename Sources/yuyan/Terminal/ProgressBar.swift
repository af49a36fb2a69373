import Checkpoints
import Foundation
import Synchronization

/// Shows a download: a bar that redraws itself on a terminal, plain lines elsewhere.
final class ProgressBar: Sendable {
    private struct State: ~Copyable {
        var last = ContinuousClock.now - .seconds(1)
        var notes: ProgressNotes
    }

    private let title: String
    private let state: Mutex<State>

    init(_ title: String) {
        self.title = title
        state = Mutex(State(notes: ProgressNotes(title)))
    }

    func update(_ progress: PullProgress) {
        state.withLock { state in
            let note = state.notes.line(for: progress)
            guard Terminal.errorIsTerminal else { return note.map(Terminal.complain) ?? () }
            if progress.phase == .retrying, let note {
                Terminal.draw("\r\u{1B}[K")
                Terminal.complain(note)
            }
            draw(progress, &state)
        }
    }

    func finish() {
        if Terminal.errorIsTerminal { Terminal.draw("\r\u{1B}[K") }
    }

    private func draw(_ progress: PullProgress, _ state: inout State) {
        guard .now - state.last > .milliseconds(100) || progress.phase == .waiting else { return }
        state.last = .now
        let line = ProgressLine(
            title: progress.phase == .fetching ? title : "\(title) \(progress.phase.rawValue)",
            completed: progress.completed,
            total: progress.total,
            rate: progress.bytesPerSecond
        )
        Terminal.draw("\r\(line.text(columns: Terminal.columns))\u{1B}[K")
    }
}
