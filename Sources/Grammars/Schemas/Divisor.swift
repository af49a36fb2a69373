import Text

/// What numbers must be multiples of, without rounding: `numerator` / 10^`places`, in the lowest terms of that kind.
struct Divisor: Sendable, Hashable {
    private(set) var numerator: Int, places: Int
    /// Where it stands, for messages.
    let path: String

    /// The greatest numerator whose remainders are followed.
    static let greatest = 5000
    /// The most digits behind the point.
    static let mostPlaces = 14
    /// The most states of a machine that knows of no bounds yet.
    private static let mostStates = 100_000

    private init(_ numerator: Int, _ places: Int, _ path: String) {
        (self.numerator, self.places, self.path) = (numerator, places, path)
        while self.places > 0, self.numerator.isMultiple(of: 10) {
            (self.numerator, self.places) = (self.numerator / 10, self.places - 1)
        }
    }

    /// nil where the number, which is above 0, has too many digits before the point.
    init?(_ value: JSON, path: String) {
        if let whole = value.integer {
            guard whole < 1_000_000_000_000_000_000 else { return nil }
            self.init(whole, 0, path)
            return
        }
        // The shortest digits that stand for the same number are those that were written.
        let parts = "\(value.double ?? 0)".split(separator: "e"), mantissa = parts[0].split(separator: ".")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let places = (mantissa.count > 1 ? mantissa[1].count : 0) - exponent
        guard places >= 0, let digits = Int(mantissa.joined()) else { return nil }
        self.init(digits, places, path)
    }

    /// The least integer that is a multiple.
    var whole: Divisor {
        var numerator = numerator
        for _ in 0..<places { numerator /= Self.commonDivisor(numerator, 10) }
        return Divisor(numerator, 0, path)
    }

    /// The least number that is a multiple of both; nil if it is too great to be told.
    func joined(_ other: Divisor) -> Divisor? {
        // Below this nothing overflows beside the most places.
        guard numerator < 90_000, other.numerator < 90_000 else { return nil }
        let places = max(places, other.places)
        let (mine, theirs) = (numerator * power(places - self.places), other.numerator * power(places - other.places))
        let (common, isOver) = (mine / Self.commonDivisor(mine, theirs)).multipliedReportingOverflow(by: theirs)
        return isOver ? nil : Divisor(common, places, path)
    }

    private func power(_ exponent: Int) -> Int { (0..<exponent).reduce(1) { power, _ in power * 10 } }

    private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }

    /// Whether what remains of numbers can be followed digit by digit.
    var canBeFollowed: Bool { places <= Self.mostPlaces && numerator <= Self.greatest }

    /// Whether a number is one of the multiples.
    func divides(_ number: NumberText.Bound) -> Bool {
        guard number.fraction.count <= places else { return false }
        let digits = (number.whole + number.fraction).map { Int($0) - 0x30 }
        return scaled(digits.reduce(0) { ($0 * 10 + $1) % numerator }, places - number.fraction.count) == 0
    }

    /// What remains of a remainder when more zeros follow.
    private func scaled(_ remainder: Int, _ zeros: Int) -> Int {
        (0..<zeros).reduce(remainder) { remainder, _ in remainder * 10 % numerator }
    }
}

extension Facets {
    /// What all numbers must be multiples of.
    var divisor: Divisor? {
        get throws(GrammarError) {
            var joined: Divisor?
            for divisor in divisors {
                let own = isIntegral ? divisor.whole : divisor
                try require(own)
                guard let before = joined else {
                    joined = own
                    continue
                }
                joined = before.joined(own)
                guard joined != nil else {
                    throw .tooLarge("together with other divisors", place: "'multipleOf' at \(own.path)")
                }
            }
            return joined
        }
    }

    private func require(_ divisor: Divisor) throws(GrammarError) {
        guard divisor.places <= Divisor.mostPlaces else {
            let why = "only divisors of up to \(Divisor.mostPlaces) digits behind the point can be kept"
            throw .unsupported(keyword: "multipleOf", path: divisor.path, why: why)
        }
        guard divisor.numerator <= Divisor.greatest else {
            let why = "without its point it may be \(Divisor.greatest) at most to be kept digit by digit"
            throw .unsupported(keyword: "multipleOf", path: divisor.path, why: why)
        }
    }
}

// MARK: Digit by digit

extension Divisor {
    /// The texts of multiples within the bounds, of as many digits as can be followed.
    func multiples(_ facets: Facets) throws(GrammarError) -> CharacterMachine {
        let all = try machine()
        // Beside bounds a number is below, above or at what they begin with, which may take more states.
        for share in [1, 2] {
            do throws(GrammarError) {
                return try numbers(facets, room(CharacterMachine.limit / share)).intersection(all)
            } catch {
                guard case .tooLarge(_, place: "") = error else { throw error }
            }
        }
        return try numbers(facets, room(CharacterMachine.limit / 4)).intersection(all)
    }

    /// Numbers within the bounds, of at most so many digits before the point, if the bounds have no more.
    private func numbers(_ facets: Facets, _ most: Int) throws(GrammarError) -> CharacterMachine {
        guard places > 0 else { return try integers(facets.leastInteger, facets.mostInteger, most) }
        let bounds = [facets.least, facets.most].compactMap(\.self)
        let needed = (bounds.map(\.whole.count).max() ?? 0) + (bounds.count == 2 ? 0 : 1)
        let whole = max(needed, min(9, NumberText.mostDigits - 2 - places, most))
        guard whole + places <= NumberText.mostDigits else {
            throw .tooLarge("with the digits before the point, more than \(NumberText.mostDigits) would be needed")
        }
        return try NumberText.numbers(whole: whole, fraction: places, facets.least, facets.most)
    }

    private func integers(_ least: Int?, _ most: Int?, _ digits: Int) throws(GrammarError) -> CharacterMachine {
        guard least != nil || most != nil else {
            return try Pattern.machine("-?(0|[1-9][0-9]{0,\(digits - 1)})", .whole, path: "")
        }
        let needed = [least, most].compactMap { $0.map { "\($0.magnitude)".count + 1 } }.max() ?? 1
        guard max(needed, digits) < NumberText.digits else { return try NumberText.integers(least, most) }
        let end = power(max(needed, digits)) - 1
        return try NumberText.integers(least ?? -end, most ?? end)
    }

    /// How many digits before the point can be followed with their remainders.
    private func room(_ most: Int) -> Int {
        var digits = 1
        while digits < NumberText.digits, cost(digits + 1) <= most * 9 / 10 { digits += 1 }
        return digits
    }

    private func cost(_ digits: Int) -> Int {
        func remainders(_ digits: Int) -> Int { digits > 4 ? numerator : min(numerator, power(digits)) }
        let whole = (1...digits).reduce(0) { $0 + remainders($1) }
        return places == 0 ? whole : (0...places).reduce(whole) { $0 + remainders(digits + $1) }
    }

    /// All texts of multiples, by what remains of the digits so far.
    ///
    /// State 0 begins and 1 is behind a sign. Then come layers of one state for each remainder: digits before the point, the
    /// point, one digit behind it, two, and so on.
    private func machine() throws(GrammarError) -> CharacterMachine {
        guard numerator <= Self.mostStates / (places + 2) else { throw .tooLarge("it leaves too many remainders") }
        let layers = places == 0 ? 0...0 : 0...(places + 1)
        var states = [CharacterMachine.State(edges: digits(0, 0)), CharacterMachine.State(edges: digits(0, 0))]
        states[0].edges.insert(.init(first: 0x2D, last: 0x2D, target: 1), at: 0)
        for layer in layers {
            let missing = layer == 0 ? places : places + 1 - layer
            for remainder in 0..<numerator {
                let isWhole = layer != 1 && scaled(remainder, missing) == 0
                states.append(.init(edges: edges(layer, remainder), isAccepting: isWhole))
            }
        }
        return CharacterMachine(states: states)
    }

    private func edges(_ layer: Int, _ remainder: Int) -> [CharacterMachine.Edge] {
        guard layer == 0 else { return layer > places ? [] : digits(layer + 1, remainder) }
        guard places > 0 else { return digits(0, remainder) }
        let point = CharacterMachine.Edge(first: 0x2E, last: 0x2E, target: Int32(2 + numerator + remainder))
        return [point] + digits(0, remainder)
    }

    /// Digits into a layer.
    private func digits(_ layer: Int, _ remainder: Int) -> [CharacterMachine.Edge] {
        guard numerator > 1 else { return [.init(first: 0x30, last: 0x39, target: Int32(2 + layer))] }
        return (0..<10).map { digit in
            let next = (remainder * 10 + digit) % numerator, character = UInt32(0x30 + digit)
            return .init(first: character, last: character, target: Int32(2 + layer * numerator + next))
        }
    }
}
