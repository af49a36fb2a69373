public import Foundation

/// What a run has done, as one page that needs nothing else.
public struct RunReport: Sendable {
    let title: String
    let records: [StepRecord], samples: [SampleRecord], lines: [ConfigurationLine]

    public init(title: String, _ records: [StepRecord], samples: [SampleRecord] = [], _ lines: [ConfigurationLine] = [])
    {
        (self.title, self.records, self.samples, self.lines) = (title, records, samples, lines)
    }

    public func write(to url: URL) throws { try Data(html.utf8).write(to: url, options: .atomic) }

    package var html: String {
        """
        <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(title.escaped)</title><style>\(Self.style)</style>
        <h1>\(title.escaped)</h1><p>\(summary.escaped)</p>
        \(plots.map(\.svg).joined(separator: "\n"))
        \(samples.isEmpty ? "" : "<h2>What it wrote</h2><table>\(sampleRows)</table>")
        \(lines.isEmpty ? "" : "<h2>What was asked</h2><table>\(settingRows)</table>")
        </html>

        """
    }

    private var summary: String {
        guard let last = records.last else { return "No step was taken yet." }
        let seconds = records.reduce(0) { $0 + $1.seconds }
        let best =
            records.compactMap(\.validation).min().map { String(format: ", lowest validation loss %.4f", $0) } ?? ""
        return "\(last.step) steps, \(last.tokens) tokens in \(Int(seconds)) s"
            + String(
                format: " (%.0f tokens a second), loss %.4f",
                records.tokensPerSecond ?? 0,
                smoothed.last ?? 0
            )
            + best
    }

    /// The loss with a running mean over some fifty steps at most.
    private var smoothed: [Double] {
        let keep = 1 - 1 / Double(min(50, max(1, records.count / 20)))
        var mean: Double?
        return records.map { record in
            if record.loss.isFinite { mean = mean.map { keep * $0 + (1 - keep) * record.loss } ?? record.loss }
            return mean ?? .nan
        }
    }

    private var plots: [Plot] {
        func curve(_ name: String, isFaint: Bool = false, _ value: (StepRecord) -> Double?) -> Plot.Curve {
            let points = records.compactMap { record in value(record).map { (Double(record.step), $0) } }
            return Plot.Curve(name: name, points: points.thinned, isFaint: isFaint)
        }
        let smooth = zip(records, smoothed).map { (Double($0.step), $1) }
        let losses = [
            curve("each step", isFaint: true) { $0.loss },
            Plot.Curve(name: "smoothed", points: smooth.thinned, isFaint: false),
            curve("validation") { $0.validation },
        ]
        return [
            Plot(title: "Loss", unit: "nats a token", curves: losses),
            Plot(title: "Learning rate", unit: "", curves: [curve("rate") { Double($0.rate) }]),
            Plot(
                title: "Length of the gradient",
                unit: "before it is cut",
                curves: [curve("norm") { Double($0.norm) }]
            ),
        ]
    }

    private var sampleRows: String {
        samples.map { "<tr><td>\($0.step)<td><b>\($0.prompt.escaped)</b>\($0.text.escaped)" }.joined(separator: "\n")
    }

    private var settingRows: String {
        lines.map { "<tr\($0.isDefault ? " class=\"faint\"" : "")><td>\($0.key.escaped)<td>\($0.value.escaped)" }
            .joined(separator: "\n")
    }

    private static let style = """
        :root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:800px;margin:2em auto;padding:0 1em}
        svg{width:100%}figure{margin:1.5em 0}polyline{fill:none;stroke:currentColor;stroke-width:1.6}.grid{stroke:#8884;fill:none}
        text{font-size:11px;fill:currentColor;opacity:.7}.y{text-anchor:end;dominant-baseline:middle}.x{text-anchor:middle}
        .c0{color:#888}.c1{color:#1f77b4}.c2{color:#d62728}.faint{opacity:.55}table{border-collapse:collapse}
        td{border-bottom:1px solid #8883;padding:.2em .8em .2em 0;vertical-align:top;white-space:pre-wrap}
        """
}

extension [(Double, Double)] {
    /// At most some two thousand points, the last among them.
    fileprivate var thinned: [(x: Double, y: Double)] {
        let every = Swift.max(1, count / 2000)
        return enumerated().compactMap { $0 % every == 0 || $0 == count - 1 ? (x: $1.0, y: $1.1) : nil }
    }
}
