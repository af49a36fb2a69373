/// How far a download has come, in one line: `title ████░░░░ 48 %  236 MB of 491 MB  31 MB/s  9 s left`.
package struct ProgressLine {
    let title: String, completed: Int, total: Int?
    /// Bytes a second.
    let rate: Double

    package init(title: String, completed: Int, total: Int?, rate: Double) {
        (self.title, self.completed, self.total, self.rate) = (title, completed, total, rate)
    }

    /// Always shorter than the terminal is wide, so that it never wraps.
    package func text(columns: Int) -> String {
        let done = Figures.bytes(completed), pace = rate > 0 ? "  \(Figures.bytes(Int(rate)))/s" : ""
        guard let total, total > 0 else { return String("\(title)  \(done)\(pace)".prefix(columns - 1)) }
        let share = min(1, Double(completed) / Double(total))
        let left = rate > 0 ? "  \(Figures.duration(Double(total - completed) / rate)) left" : ""
        let tail = " \(Int(share * 100)) %  \(done) of \(Figures.bytes(total))\(pace)\(left)"
        let width = min(30, columns - 3 - title.count - tail.count)
        guard width >= 5 else { return String("\(title)\(tail)".prefix(columns - 1)) }
        let filled = Int(share * Double(width))
        return "\(title) " + String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            + tail
    }
}
