/// How far a download, or other work, has come, in one line: `title ████░░░░ 48 %  236 MB of 491 MB  31 MB/s  9 s left`.
package struct ProgressLine {
    let title: String, completed: Int, total: Int?
    /// Bytes, or whatever the unit counts, a second.
    let rate: Double
    /// An amount as a person reads it.
    let unit: (Int) -> String

    package init(
        title: String,
        completed: Int,
        total: Int?,
        rate: Double,
        unit: @escaping (Int) -> String = Figures.bytes
    ) {
        (self.title, self.completed, self.total, self.rate, self.unit) = (title, completed, total, rate, unit)
    }

    /// Always shorter than the terminal is wide, so that it never wraps.
    package func text(columns: Int) -> String {
        let done = unit(completed), pace = rate > 0 ? "  \(unit(Int(rate)))/s" : ""
        guard let total, total > 0 else { return String("\(title)  \(done)\(pace)".prefix(columns - 1)) }
        let share = min(1, Double(completed) / Double(total))
        let left = rate > 0 ? "  \(Figures.duration(Double(total - completed) / rate)) left" : ""
        let tail = " \(Int(share * 100)) %  \(done) of \(unit(total))\(pace)\(left)"
        let width = min(30, columns - 3 - title.count - tail.count)
        guard width >= 5 else { return String("\(title)\(tail)".prefix(columns - 1)) }
        let filled = Int(share * Double(width))
        return "\(title) " + String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            + tail
    }
}
