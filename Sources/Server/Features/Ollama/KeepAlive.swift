import Text

/// How long a model is to stay open: Ollama's `keep_alive`, a number of seconds or a duration as Go writes it (`1h30m`,
/// `500ms`); below zero is for good.
struct KeepAlive: Sendable, Hashable {
    /// Nil: for good.
    let duration: Duration?

    var isOver: Bool { duration == .zero }

    /// Nil where nothing is said.
    init?(_ field: JSONField) throws {
        guard let field = field.optional else { return nil }
        if let seconds = field.value?.double {
            duration = seconds < 0 ? nil : .seconds(min(seconds, Self.most))
            return
        }
        guard let text = field.value?.string, let seconds = Self.seconds(text) else {
            throw field.unexpected("a number of seconds, or a duration such as '5m', '1h30m' or '-1'")
        }
        duration = seconds < 0 ? nil : .seconds(min(seconds, Self.most))
    }

    /// A hundred years.
    private static let most = 3.2e9

    private static let units: [Substring: Double] = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600,
    ]

    private static func seconds(_ text: String) -> Double? {
        let isNegative = text.hasPrefix("-")
        var rest = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...], sum = 0.0
        guard !rest.isEmpty, rest.utf8.count <= 64 else { return nil }
        if rest.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) {
            return Double(rest).map { isNegative ? -$0 : $0 }
        }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(name.count)
            guard let number = Double(digits), let unit = units[name] else { return nil }
            sum += number * unit
        }
        return isNegative ? -sum : sum
    }
}
