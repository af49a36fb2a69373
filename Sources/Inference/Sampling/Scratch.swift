extension Distribution {
    /// Room for the weights of one vocabulary and for one selection among them, kept between tokens.
    final class Scratch {
        struct Tally { var count = 0, mass = 0.0 }

        var weights: [Float] = []
        /// What each digit of the weights in doubt amounts to.
        private(set) var tallies: [Tally] = []
        private var doubtful: [Float] = []
        private var doubts = 0

        func fit(_ vocabulary: Int) {
            guard weights.count != vocabulary else { return }
            weights = [Float](repeating: 0, count: vocabulary)
            doubtful = weights
            tallies = [Tally](repeating: Tally(), count: 2048)
        }
    }
}

extension Distribution.Scratch {
    /// Only weights from `least` on are in doubt.
    func doubt(from least: Float) {
        var count = 0
        doubtful.withUnsafeMutableBufferPointer { doubtful in
            weights.withUnsafeBufferPointer { weights in
                for weight in weights where weight >= least {
                    doubtful[count] = weight
                    count += 1
                }
            }
        }
        doubts = count
    }

    /// Of the weights in doubt only those with this digit remain.
    func doubt(_ digit: Int, _ shift: UInt32) {
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
    func tally(_ shift: UInt32) {
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
    ///
    /// nil if rounding leaves the goal just out of reach.
    func digit(count: Int, mass: Double, past reached: inout Tally) -> Int? {
        for digit in tallies.indices.reversed() where tallies[digit].count > 0 {
            let tally = tallies[digit]
            if reached.count + tally.count >= count || reached.mass + tally.mass >= mass { return digit }
            reached.count += tally.count
            reached.mass += tally.mass
        }
        return nil
    }
}
