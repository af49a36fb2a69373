/// The kinds of Unicode scalars that pre-tokenizers tell apart.
package enum ScalarClass: UInt8 {
    case other, upper, lower, letter, mark, number, punctuation, symbol, space
    /// Past the end of the text.
    case end

    package init(_ scalar: Unicode.Scalar) { self = Self(rawValue: Self.table[Int(scalar.value)]) ?? .other }

    /// The class of every scalar, by its value; 1.1 MB, filled on first use.
    nonisolated(unsafe) static let table: UnsafePointer<UInt8> = {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 0x110000)
        table.initialize(repeating: 0, count: 0x110000)
        var start = 0
        for (kind, count) in runs {
            table.advanced(by: start).update(repeating: kind.rawValue, count: count)
            start += count
        }
        return UnsafePointer(table)
    }()

    /// The runs of ``scalarRuns``: a letter names the class, a number counts the scalars, 1 unless said.
    private static var runs: [(ScalarClass, Int)] {
        var runs: [(ScalarClass, Int)] = []
        var kind = ScalarClass.end, count = 0
        for byte in scalarRuns.utf8 {
            if let next = named(byte) {
                if kind != .end { runs.append((kind, max(count, 1))) }
                (kind, count) = (next, 0)
            } else {
                count = count * 10 + Int(byte) - 0x30
            }
        }
        return runs + [(kind, count)]
    }

    private static func named(_ letter: UInt8) -> ScalarClass? {
        switch Unicode.Scalar(letter) {
        case "x": .other
        case "u": .upper
        case "l": .lower
        case "o": .letter
        case "m": .mark
        case "n": .number
        case "p": .punctuation
        case "y": .symbol
        case "s": .space
        default: nil
        }
    }
}

/// A set of scalar classes, as a bracket expression names one.
struct ScalarClasses: OptionSet {
    let rawValue: UInt16

    init(rawValue: UInt16) { self.rawValue = rawValue }
    init(_ kind: ScalarClass) { rawValue = 1 << UInt16(kind.rawValue) }

    static let letters: Self = [Self(.upper), Self(.lower), Self(.letter)]  // \p{L}
    static let marks = Self(.mark)  // \p{M}
    static let capitals: Self = [Self(.upper), Self(.letter), Self(.mark)]  // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
    static let smalls: Self = [Self(.lower), Self(.letter), Self(.mark)]  // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
    static let spoken: Self = [Self(.upper), Self(.lower), Self(.letter), Self(.mark)]  // [\p{L}\p{M}]
    static let numbers = Self(.number)  // \p{N}
    static let spaces = Self(.space)  // \s
    static let end = Self(.end)
    /// `[^\s\p{L}\p{N}]`
    static let others: Self = [Self(.other), Self(.mark), Self(.punctuation), Self(.symbol)]
    static let punctuation: Self = [Self(.punctuation), Self(.symbol)]  // [\p{P}\p{S}]

    @inline(__always) func contains(_ kind: UInt8) -> Bool { rawValue &>> UInt16(kind) & 1 != 0 }
}
