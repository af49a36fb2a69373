import Foundation

/// A plot of some curves over the steps of a run, as SVG.
struct Plot {
    struct Curve {
        let name: String, points: [(x: Double, y: Double)], isFaint: Bool
    }

    let title: String, unit: String
    let curves: [Curve]

    private static let width = 760.0, height = 300.0, left = 64.0, right = 16.0, top = 12.0, bottom = 34.0

    var svg: String {
        let frame = Frame(curves.flatMap(\.points))
        let body = frame.grid + curves.enumerated().map { line($1, colour: $0, frame) }.joined()
        return """
            <figure><figcaption>\(title.escaped) <small>\(unit.escaped)</small> \(legend)</figcaption>
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(title.escaped)">\(body)</svg></figure>
            """
    }

    private var legend: String {
        curves.enumerated().map { "<span class=\"c\($0)\">— \($1.name.escaped)</span>" }.joined(separator: " ")
    }

    private func line(_ curve: Curve, colour: Int, _ frame: Frame) -> String {
        let points = curve.points.filter(\.y.isFinite).map { frame.place($0) }.joined(separator: " ")
        return "<polyline class=\"c\(colour)\(curve.isFaint ? " faint" : "")\" points=\"\(points)\"/>"
    }

    /// Where a point lies on the page.
    private struct Frame {
        private let x: ClosedRange<Double>, y: ClosedRange<Double>

        init(_ points: [(x: Double, y: Double)]) {
            x = Self.range(points.map(\.x))
            // A few wild first steps shall not flatten all the rest.
            let values = points.map(\.y).filter(\.isFinite).sorted()
            y = Self.range(values.isEmpty ? [] : [values[0], values[(values.count - 1) * 99 / 100]])
        }

        private static func range(_ values: [Double]) -> ClosedRange<Double> {
            let low = values.min() ?? 0, high = values.max() ?? 1
            return low...(high > low ? high : low + 1)
        }

        private func column(_ value: Double) -> Double {
            left + (value - x.lowerBound) / (x.upperBound - x.lowerBound) * (width - left - right)
        }

        private func row(_ value: Double) -> Double {
            let share = (min(value, y.upperBound) - y.lowerBound) / (y.upperBound - y.lowerBound)
            return height - bottom - share * (height - top - bottom)
        }

        func place(_ point: (x: Double, y: Double)) -> String {
            String(format: "%.1f,%.1f", column(point.x), row(point.y))
        }

        var grid: String {
            let rows = ticks(y).map { value in
                let at = String(format: "%.1f", row(value))
                return "<path class=\"grid\" d=\"M\(Int(left)) \(at)H\(Int(width - right))\"/>"
                    + "<text x=\"\(Int(left) - 6)\" y=\"\(at)\" class=\"y\">\(label(value))</text>"
            }
            let columns = ticks(x).map { value in
                "<text x=\"\(String(format: "%.1f", column(value)))\" y=\"\(Int(height) - 12)\" class=\"x\">\(label(value))</text>"
            }
            return (rows + columns).joined()
        }

        /// Some five round numbers within a range.
        private func ticks(_ range: ClosedRange<Double>) -> [Double] {
            let rough = (range.upperBound - range.lowerBound) / 5, power = pow(10, floor(log10(rough)))
            let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
            return stride(from: (range.lowerBound / step).rounded(.up) * step, through: range.upperBound, by: step).map(
                \.self
            )
        }

        private func label(_ value: Double) -> String {
            abs(value) >= 0.01 || value == 0 ? String(format: "%.4g", value) : String(format: "%.1e", value)
        }
    }
}

extension String {
    /// As text of a page.
    var escaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
            "\"",
            with: "&quot;"
        )
    }
}
