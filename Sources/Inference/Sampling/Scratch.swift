import Tensors

extension Distribution {
    /// Room for the weights of one vocabulary and for one selection among them, kept between tokens.
    final class Scratch {
        private var weights: [Float] = []
        /// How many weights there are.
        private(set) var count = 0
        /// Whose they are, where not everybody has one.
        private var ids: [Int32] = []
        private var isSparse = false
        /// What each part of the weights sums up to.
        private var sums: [Double] = []
        private var runs = Runs()
        private var selection = Selection()

        /// Weights of a part: those whose sum `expSum` takes at once.
        private static let part = 4096

        var vocabulary: Int { weights.count }

        /// Looks the logits over once; returns the greatest, or nil if they are no numbers.
        func survey(_ logits: Logits) -> Float? {
            if weights.count != logits.count {
                weights = [Float](repeating: 0, count: logits.count)
                ids = [Int32](repeating: 0, count: logits.count)
                selection = Selection(room: logits.count)
            }
            return runs.survey(logits)
        }

        /// See ``Runs/logit(reachedBy:)``.
        func logit(reachedBy count: Int) -> Float? { runs.logit(reachedBy: count) }

        func withWeights<Result>(_ body: (Logits) -> Result) -> Result {
            weights.withUnsafeBufferPointer { body(Logits(rebasing: $0[..<count])) }
        }

        func id(at place: Int) -> Int { isSparse ? Int(ids[place]) : place }

        /// Where the part begins in which the sum of the weights exceeds `goal`, and what is summed up before it.
        func part(reaching goal: Double) -> (start: Int, sum: Double) {
            var sum = 0.0
            for (part, more) in sums.enumerated() {
                if sum + more > goal { return (part * Self.part, sum) }
                sum += more
            }
            return ((sums.lastIndex { $0 > 0 } ?? 0) * Self.part, sum)
        }

        /// See ``Selection/weight(_:count:mass:)``.
        func select(from least: Float, count: Int, mass: Double) -> (weight: Float, mass: Double)? {
            withWeights { selection.weight(of: $0, from: least, count: count, mass: mass) }
        }
    }
}

// MARK: Weighing

extension Distribution.Scratch {
    /// Weighs by exp((logit - peak) · factor) each token whose logit is at least `floor`; nil: all. Returns the sum.
    func weigh(_ logits: Logits, peak: Float, factor: Float, floor: Float?) -> Double {
        isSparse = floor != nil
        count = floor.map { gather(logits, from: $0) } ?? logits.count
        sums.removeAll(keepingCapacity: true)
        return weights.withUnsafeMutableBufferPointer { weights in
            var mass = 0.0
            for start in stride(from: 0, to: count, by: Self.part) {
                let range = start..<min(count, start + Self.part)
                let part = UnsafeMutableBufferPointer(rebasing: weights[range])
                let source = isSparse ? Logits(part) : Logits(rebasing: logits[range])
                sums.append(expSum(source, shift: peak, factor: factor, into: part))
                mass += sums.last!
            }
            return mass
        }
    }

    /// Puts the logits that are at least `floor` where their weights will be; returns how many there are.
    private func gather(_ logits: Logits, from floor: Float) -> Int {
        var kept = 0
        ids.withUnsafeMutableBufferPointer { ids in
            weights.withUnsafeMutableBufferPointer { weights in
                runs.scan(logits, least: floor) { id, logit in
                    (ids[kept], weights[kept]) = (Int32(truncatingIfNeeded: id), logit)
                    kept += 1
                }
            }
        }
        return kept
    }
}
