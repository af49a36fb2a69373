import Foundation
import Text

/// The texts of numbers within bounds, followed digit by digit.
enum NumberText {
    /// Digits of an integer: as many as fit 64 bits.
    static let digits = 18

    private static func regex(_ source: String) -> CharacterMachine {
        guard let machine = try? Pattern.machine(source, .whole, path: "") else {
            preconditionFailure("NumberText: \(source) is no pattern")
        }
        return machine
    }

    static let integer = regex("-?(0|[1-9][0-9]{0,17})")
    static let any = regex("-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?")
    private static let unsigned = regex("(0|[1-9][0-9]{0,17})")

    /// A bound as its decimal digits, without rounding.
    struct Bound: Sendable, Hashable {
        var isNegative = false, whole: [UInt8], fraction: [UInt8] = []
        var includesItself: Bool
        /// Which keyword it is of, and where that stands.
        let place: String

        /// nil where the number is too great or too fine to be told by digits, or none.
        init?(_ value: JSON, includesItself: Bool, place: String = "") {
            (self.includesItself, self.place) = (includesItself, place)
            if let number = value.integer {
                guard number.magnitude < 1_000_000_000_000_000_000 else { return nil }
                (whole, isNegative) = (Array(String(number.magnitude).utf8), number < 0)
                return
            }
            guard let value = value.double, abs(value) < 1e17 else { return nil }
            let text = NSDecimalNumber(string: "\(abs(value))").decimalValue.description
            let parts = text.split(separator: ".")
            guard let first = parts.first, parts.dropFirst().allSatisfy({ $0.count <= 17 }) else { return nil }
            whole = Array(first.utf8)
            fraction = parts.count > 1 ? Array(parts[1].utf8) : []
            isNegative = value < 0
        }

        fileprivate var isZero: Bool { whole == [0x30] && fraction.isEmpty }

        func isBelow(_ other: Self) -> Bool {
            guard isNegative == other.isNegative else { return isNegative }
            return isNegative ? other.isSmaller(than: self) : isSmaller(than: other)
        }

        func isSame(_ other: Self) -> Bool {
            isNegative == other.isNegative && whole == other.whole && fraction == other.fraction
        }

        /// Whether its magnitude is the lesser.
        private func isSmaller(than other: Self) -> Bool {
            guard whole == other.whole else {
                return whole.count == other.whole.count
                    ? whole.lexicographicallyPrecedes(other.whole) : whole.count < other.whole.count
            }
            return fraction.lexicographicallyPrecedes(other.fraction)
        }
    }

    /// Integers from the one to the other, both included.
    static func integers(_ least: Int?, _ most: Int?) throws(GrammarError) -> CharacterMachine {
        var choices: [PatternNode] = []
        if most ?? 0 >= 0 { choices += natural(max(0, least ?? 0), most) }
        if least ?? -1 < 0 {
            choices += natural(max(1, most.map { $0 < 0 ? -$0 : 1 } ?? 1), least.map { -$0 }).map {
                .sequence([.characters(CharacterRanges(0x2D)), $0])
            }
        }
        var network = CharacterNetwork()
        let (start, end) = try network.add(.choice(choices))
        return try network.machine(from: start, to: end)
    }

    /// Whole numbers of a range, none of them negative, one choice for each count of digits and each digit that may differ.
    private static func natural(_ least: Int, _ most: Int?) -> [PatternNode] {
        let most = most ?? 999_999_999_999_999_999
        guard least <= most else { return [] }
        var choices: [PatternNode] = [], first = least
        while first <= most {
            let length = String(first).count
            let limit = length >= 19 ? Int.max : Int(pow(10, Double(length))) - 1
            let last = min(most, limit)
            choices.append(between(Array(String(first).utf8), Array(String(last).utf8)))
            guard last < Int.max else { break }
            first = last + 1
        }
        return choices
    }

    /// Digits from the one to the other, of the same length.
    static func between(_ low: [UInt8], _ high: [UInt8]) -> PatternNode {
        guard let a = low.first, let b = high.first else { return .empty }
        if low.allSatisfy({ $0 == 0x30 }), high.allSatisfy({ $0 == 0x39 }) { return any(low.count) }
        let rest = low.count - 1, nines = [UInt8](repeating: 0x39, count: rest),
            zeros = [UInt8](repeating: 0x30, count: rest)
        if a == b { return .sequence([digit(a...a), between(Array(low.dropFirst()), Array(high.dropFirst()))]) }
        var choices: [PatternNode] = [
            .sequence([digit(a...a), between(Array(low.dropFirst()), nines)]),
            .sequence([digit(b...b), between(zeros, Array(high.dropFirst()))]),
        ]
        if a + 1 < b { choices.append(.sequence([digit((a + 1)...(b - 1)), any(rest)])) }
        return .choice(choices)
    }

    private static func digit(_ range: ClosedRange<UInt8>) -> PatternNode {
        .characters(CharacterRanges([UInt32(range.lowerBound)...UInt32(range.upperBound)]))
    }

    private static func any(_ count: Int) -> PatternNode { .repeated(digit(0x30...0x39), least: count, most: count) }
}

// MARK: Numbers with fractions

extension NumberText {
    /// Numbers between two bounds, without exponents and of so few digits that a reader's rounding changes no comparison.
    static func numbers(_ least: Bound?, _ most: Bound?) throws(GrammarError) -> CharacterMachine {
        let whole = max(9, (least?.whole.count ?? 0) + 1, (most?.whole.count ?? 0) + 1)
        let fraction = max(1, least?.fraction.count ?? 0, most?.fraction.count ?? 0, 15 - whole)
        guard whole + fraction <= mostDigits else { throw tooManyDigits(least, most) }
        return try numbers(whole: whole, fraction: fraction, least, most)
    }

    /// So many digits come back from a reader as they were.
    static let mostDigits = 17

    private static func tooManyDigits(_ least: Bound?, _ most: Bound?) -> GrammarError {
        let bounds = [least, most].compactMap(\.self)
        let both = bounds.count < 2 ? "" : " together with \(bounds[1].place)"
        let what = "more than \(mostDigits) digits before and behind the point\(both); leave some out"
        return .tooLarge(what, place: bounds.first?.place ?? "")
    }

    /// The same, of at most so many digits before and behind the point.
    static func numbers(
        whole: Int,
        fraction: Int,
        _ least: Bound?,
        _ most: Bound?
    ) throws(GrammarError) -> CharacterMachine {
        let source = "-?(0|[1-9][0-9]{0,\(whole - 1)})(\\.[0-9]{1,\(fraction)})?"
        var machine = try Pattern.machine(source, .whole, path: "")
        if let least { machine = try machine.intersection(signed(least, isLeast: true)) }
        if let most { machine = try machine.intersection(signed(most, isLeast: false)) }
        return machine
    }

    /// All numbers on one side of a bound.
    private static func signed(_ bound: Bound, isLeast: Bool) throws(GrammarError) -> CharacterMachine {
        let positive: PatternNode?, negative: PatternNode?
        switch (isLeast, bound.isNegative) {
        case (true, false):
            positive = magnitudes(bound, areGreater: true)
            negative = bound.isZero && bound.includesItself ? zeroMagnitude : nil
        case (true, true): (positive, negative) = (anyMagnitude, magnitudes(bound, areGreater: false))
        case (false, false):
            positive = magnitudes(bound, areGreater: false)
            negative = bound.isZero && !bound.includesItself ? positiveMagnitude : anyMagnitude
        case (false, true): (positive, negative) = (nil, magnitudes(bound, areGreater: true))
        }
        let minus = PatternNode.characters(CharacterRanges(0x2D))
        var network = CharacterNetwork()
        let choices = [positive].compactMap(\.self) + [negative].compactMap(\.self).map { .sequence([minus, $0]) }
        let (start, end) = try network.add(.choice(choices))
        return try network.machine(from: start, to: end)
    }

    private static let digits0 = PatternNode.repeated(digit(0x30...0x39), least: 0, most: nil)
    private static let point = PatternNode.characters(CharacterRanges(0x2E))
    private static let anyMagnitude = PatternNode.sequence([
        digits0, .repeated(.sequence([point, digits0]), least: 0, most: 1),
    ])
    private static let zeros = PatternNode.repeated(digit(0x30...0x30), least: 0, most: nil)
    private static let zeroMagnitude = PatternNode.sequence([
        digit(0x30...0x30), .repeated(.sequence([point, zeros]), least: 0, most: 1),
    ])
    private static let positiveMagnitude = PatternNode.choice([
        .sequence([digit(0x31...0x39), digits0, .repeated(.sequence([point, digits0]), least: 0, most: 1)]),
        .sequence([digit(0x30...0x30), point, zeros, digit(0x31...0x39), digits0]),
    ])

    /// Magnitudes on one side of a bound's, in digits without leading zeros.
    private static func magnitudes(_ bound: Bound, areGreater: Bool) -> PatternNode {
        let fraction = PatternNode.repeated(.sequence([point, digits0]), least: 0, most: 1)
        let same = PatternNode.sequence(bound.whole.map { digit($0...$0) } + [fractions(bound, areGreater: areGreater)])
        let number = Int(String(decoding: bound.whole, as: UTF8.self)) ?? 0
        let others = areGreater ? natural(number + 1, nil) : natural(0, number - 1)
        return .choice([same, .sequence([.choice(others), fraction])])
    }

    /// The point and the digits behind it, where the digits before it are the bound's own.
    private static func fractions(_ bound: Bound, areGreater: Bool) -> PatternNode {
        let digits = bound.fraction
        var choices: [PatternNode] = []
        for place in digits.indices {
            let same = digits[..<place].map { digit($0...$0) }
            let range: ClosedRange<UInt8>? =
                areGreater
                ? (digits[place] < 0x39 ? (digits[place] + 1)...0x39 : nil)
                : (digits[place] > 0x30 ? 0x30...(digits[place] - 1) : nil)
            if let range { choices.append(.sequence([point] + same + [digit(range), digits0])) }
            // A text that ends early is less than the bound, whose last digit is no zero.
            if !areGreater { choices.append(place == 0 ? .empty : .sequence([point] + same)) }
        }
        let same = digits.map { digit($0...$0) }
        if areGreater {
            choices.append(.sequence([point] + same + [zeros, digit(0x31...0x39), digits0]))
        }
        if bound.includesItself {
            choices.append(.sequence([point] + same + [zeros]))
            if digits.isEmpty { choices.append(.empty) }
        }
        return .choice(choices)
    }
}
