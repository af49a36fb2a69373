import Foundation

/// Shows how far some work is: a bar that redraws itself on a terminal, a line for every tenth elsewhere.
final class Meter {
    private let title: String, total: Int, unit: (Int) -> String
    private let began = ContinuousClock.now
    private var told = ContinuousClock.now - .seconds(1), tenth = 0

    /// - Parameter unit: an amount as a person reads it.
    init(_ title: String, total: Int, unit: @escaping (Int) -> String) {
        (self.title, self.total, self.unit) = (title, total, unit)
    }

    func update(_ completed: Int) {
        guard Terminal.errorIsTerminal else { return note(completed) }
        guard ContinuousClock.now - told > .milliseconds(100) else { return }
        told = .now
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let line = ProgressLine(
            title: title,
            completed: completed,
            total: total,
            rate: Double(completed) / max(seconds, 1e-3),
            unit: unit
        )
        Terminal.draw("\r\(line.text(columns: Terminal.columns))\u{1B}[K")
    }

    func finish() {
        if Terminal.errorIsTerminal { Terminal.draw("\r\u{1B}[K") }
    }

    private func note(_ completed: Int) {
        let now = total > 0 ? completed * 10 / total : 0
        guard now > tenth else { return }
        tenth = now
        Terminal.complain("\(title): \(now * 10) % of \(unit(total))")
    }
}
