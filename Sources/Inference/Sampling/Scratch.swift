extension Distribution {
    /// Room for the weights of one vocabulary and for one selection among them, kept between tokens.
    final class Scratch {
        struct Tally { var count = 0, mass = 0.0 }

        var weights: [Float] = []
        /// What each part of the weights sums up to.
        var sums: [Double] = []
        /// What each digit of the weights in doubt amounts to.
        private(set) var tallies: [Tally] = []
        /// The greatest weight of each run of 256.
        private var peaks: [Float] = []
        private var doubtful: [Float] = []
        private var doubts = 0

        /// Weights of a part: those whose sum `expSum` takes at once.
        private static let part = 4096

        func range(of part: Int) -> Range<Int> {
            part * Self.part..<min(weights.count, (part + 1) * Self.part)
        }

        /// Where the part begins in which the sum of the weights exceeds `goal`, and what is summed up before it.
        func part(reaching goal: Double) -> (start: Int, sum: Double) {
            var sum = 0.0
            for (part, more) in sums.enumerated() {
                if sum + more > goal { return (part * Self.part, sum) }
                sum += more
            }
            return ((sums.lastIndex { $0 > 0 } ?? 0) * Self.part, sum)
        }

        func fit(_ vocabulary: Int) {
            guard weights.count != vocabulary else { return }
            weights = [Float](repeating: 0, count: vocabulary)
            doubtful = weights
            peaks = [Float](repeating: 0, count: (vocabulary + 255) / 256)
            sums = [Double](repeating: 0, count: (vocabulary + Self.part - 1) / Self.part)
            tallies = [Tally](repeating: Tally(), count: 2048)
        }
    }
}

extension Distribution.Scratch {
    /// A weight that so many weights reach at least: as many runs have a peak of that height. 0 if there are fewer runs.
    func weight(reachedBy count: Int) -> Float {
        guard count <= peaks.count else { return 0 }
        weights.withUnsafeBufferPointer { weights in
            for run in peaks.indices {
                peaks[run] = weights.greatest(in: run * 256..<min(weights.count, (run + 1) * 256))
            }
        }
        peaks.sort(by: >)
        return peaks[count - 1]
    }

    /// Only weights from `least` on are in doubt.
    func doubt(from least: Float) {
        var count = 0
        doubtful.withUnsafeMutableBufferPointer { doubtful in
            weights.withUnsafeBufferPointer { weights in
                weights.scan(least: least) { _, weight in
                    doubtful[count] = weight
                    count += 1
                    return true
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
