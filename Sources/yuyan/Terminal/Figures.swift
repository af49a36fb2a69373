import Foundation

/// Numbers as a person reads them.
package enum Figures {
    /// `98 MB`, `1.12 GB`: decimal units, as storage is sold.
    package static func bytes(_ count: Int) -> String {
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        guard let (unit, size) = units.first(where: { Double(count) >= $0.1 }) else { return "\(count) B" }
        let value = Double(count) / size
        return (value < 10 && unit == "GB" ? decimal(value, 2) : decimal(value, 0)) + " \(unit)"
    }

    /// `13.8 M`, `5 k`, `940`.
    package static func count(_ count: Int) -> String {
        let units = [(" G", 1e9), (" M", 1e6), (" k", 1e3)]
        guard let (unit, size) = units.first(where: { Double(count) >= $0.1 }) else { return "\(count)" }
        let value = Double(count) / size
        return decimal(value, value < 100 ? 1 : 0) + unit
    }

    /// `8 s`, `2 min`, `1 h 5 min`.
    package static func duration(_ seconds: Double) -> String {
        let seconds = Int(seconds.rounded(.up).clamped(to: 0...1e9))
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min" }
        return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }

    static func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    /// Columns padded to the width of their longest cell; the last one is left as it is.
    package static func table(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }.joined()
        }.joined(separator: "\n")
    }
}

extension Comparable {
    fileprivate func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
