/// Scalars as a bracket expression lists them: ranges of values, in the order in which they are written.
struct ScalarRanges: Sendable {
    private let ranges: [ClosedRange<UInt32>]
    /// Whether a scalar is listed, by its value.
    private let bits: [UInt64]

    /// - Parameter listed: values and ranges of them in hexadecimal, such as `41-5A B5`.
    init(_ listed: String) {
        ranges = listed.split(whereSeparator: \.isWhitespace).map { part in
            let ends = part.split(separator: "-").compactMap { UInt32($0, radix: 16) }
            guard let first = ends.first, let last = ends.last, first <= last else {
                preconditionFailure("\(part) is no range of scalars")
            }
            return first...last
        }
        var bits = [UInt64](repeating: 0, count: Int((ranges.map(\.upperBound).max() ?? 0) / 64) + 1)
        for value in ranges.joined() { bits[Int(value / 64)] |= 1 << UInt64(value % 64) }
        self.bits = bits
    }

    func contains(_ value: UInt32) -> Bool {
        let word = Int(value / 64)
        return word < bits.count && bits[word] >> UInt64(value % 64) & 1 != 0
    }

    /// What stands between the brackets.
    var spelled: String {
        ranges.map { range in
            let ends = range.count == 1 ? [range.lowerBound] : [range.lowerBound, range.upperBound]
            return ends.compactMap(Unicode.Scalar.init).map { String(Character($0)) }.joined(separator: "-")
        }.joined()
    }
}
