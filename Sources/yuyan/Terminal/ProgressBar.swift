import Checkpoints
import Foundation
import Synchronization

/// Shows a download: a bar that redraws itself on a terminal, plain lines elsewhere.
final class ProgressBar: Sendable {
    private let title: String
    private let notes: Mutex<ProgressNotes>

    init(_ title: String) {
        self.title = title
        notes = Mutex(ProgressNotes(title))
    }

    func update(_ progress: PullProgress) {
        notes.withLock { notes in
            let note = notes.line(for: progress)
            guard Terminal.errorIsTerminal else { return note.map(Terminal.complain) ?? () }
            if progress.phase == .retrying, let note {
                Terminal.draw("\r\u{1B}[K")
                Terminal.complain(note)
            }
            draw(progress)
        }
    }

    func finish() {
        if Terminal.errorIsTerminal { Terminal.draw("\r\u{1B}[K") }
    }

    private func draw(_ progress: PullProgress) {
        let line = ProgressLine(
            title: progress.phase == .fetching ? title : "\(title) \(progress.phase.rawValue)",
            completed: progress.completed,
            total: progress.total,
            rate: progress.bytesPerSecond
        )
        Terminal.draw("\r\(line.text(columns: Terminal.columns))\u{1B}[K")
    }
}
