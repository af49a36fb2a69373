/// Finds the weight at which, from the heaviest down, a number of tokens or a share of the mass is reached.
///
/// A radix selection: weights lie in 0...1, where the bits of a float sort like the float; three digits of 11 bits tell
/// the exact weight. Each digit leaves only the weights that share it in doubt.
struct Selection {
    private struct Tally { var count = 0, mass = 0.0 }

    /// What each digit of the weights in doubt amounts to.
    private var tallies = [Tally](repeating: Tally(), count: 2048)
    private var doubtful: [Float]
    private var doubts = 0

    /// - Parameter room: the most weights there can be.
    init(room: Int = 0) { doubtful = [Float](repeating: 0, count: room) }

    /// The weight at which `count` weights or `mass` are reached, and what all down to it weigh.
    ///
    /// nil if rounding leaves the goal just out of reach.
    ///
    /// - Parameter least: weights below it are not needed to reach the goal.
    mutating func weight(
        of weights: Logits,
        from least: Float,
        count: Int,
        mass: Double
    ) -> (weight: Float, mass: Double)? {
        var reached = Tally(), bits: UInt32 = 0, last = 0
        doubt(weights, from: least)
        for shift: UInt32 in [19, 8, 0] {
            tally(shift)
            guard let digit = digit(count: count, mass: mass, past: &reached) else { return nil }
            bits |= UInt32(digit) << shift
            last = digit
            doubt(digit, shift)
        }
        return (Float(bitPattern: bits), reached.mass + tallies[last].mass)
    }

    /// Only weights from `least` on are in doubt.
    private mutating func doubt(_ weights: Logits, from least: Float) {
        var count = 0
        doubtful.withUnsafeMutableBufferPointer { doubtful in
            weights.scan(least: least) { _, weight in
                doubtful[count] = weight
                count += 1
                return true
            }
        }
        doubts = count
    }

    /// Of the weights in doubt only those with this digit remain.
    private mutating func doubt(_ digit: Int, _ shift: UInt32) {
        var count = 0
        let all = doubts
        doubtful.withUnsafeMutableBufferPointer { doubtful in
            for index in 0..<all where Int(doubtful[index].bitPattern >> shift & 2047) == digit {
                doubtful[count] = doubtful[index]
                count += 1
            }
        }
        doubts = count
    }

    /// Counts the weights in doubt by digit.
    private mutating func tally(_ shift: UInt32) {
        let all = doubts
        tallies.withUnsafeMutableBufferPointer { tallies in
            tallies.update(repeating: Tally())
            doubtful.withUnsafeBufferPointer { doubtful in
                for index in 0..<all {
                    let digit = Int(doubtful[index].bitPattern >> shift & 2047)
                    tallies[digit].count += 1
                    tallies[digit].mass += Double(doubtful[index])
                }
            }
        }
    }

    /// The digit at which, from the greatest down, `count` or `mass` is reached; `past` is what comes before it.
    private func digit(count: Int, mass: Double, past reached: inout Tally) -> Int? {
        for digit in tallies.indices.reversed() where tallies[digit].count > 0 {
            let tally = tallies[digit]
            if reached.count + tally.count >= count || reached.mass + tally.mass >= mass { return digit }
            reached.count += tally.count
            reached.mass += tally.mass
        }
        return nil
    }
}
