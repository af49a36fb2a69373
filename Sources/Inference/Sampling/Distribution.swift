import Tensors

/// The weights of all tokens, the heaviest 1, and the weight below which filters dropped them.
///
/// Every filter is a threshold, so nothing is ever sorted: a filter raises `cutoff`, and tokens that tie with it stay.
package struct Distribution {
    private let scratch: Scratch
    private(set) var cutoff = Float.leastNonzeroMagnitude
    private(set) var mass = 0.0
    /// Whether a filter dropped any token yet.
    private var isFiltered: Bool { cutoff > .leastNonzeroMagnitude }

    /// Weighs each token by exp((logit - peak) / temperature).
    init(_ logits: Logits, peak: Float, temperature: Float, scratch: Scratch) {
        self.scratch = scratch
        scratch.fit(logits.count)
        let factor = min(1 / temperature, .greatestFiniteMagnitude)
        for part in scratch.sums.indices {
            let range = scratch.range(of: part)
            scratch.sums[part] = scratch.weights.withUnsafeMutableBufferPointer { weights in
                let weights = UnsafeMutableBufferPointer(rebasing: weights[range])
                return expSum(Logits(rebasing: logits[range]), shift: peak, factor: factor, into: weights)
            }
            mass += scratch.sums[part]
        }
    }

    /// Draws the token at `chance` (0..<1) of the remaining mass, in the order of ids.
    func draw(_ chance: Double) -> Int {
        let goal = chance * mass, (first, skipped) = isFiltered ? (0, 0) : scratch.part(reaching: goal)
        return scratch.weights.withUnsafeBufferPointer { weights in
            var sum = skipped, last = first
            weights.scan(from: first, least: cutoff) { id, weight in
                sum += Double(weight)
                last = id
                return sum <= goal
            }
            return last
        }
    }
}

extension Distribution {
    /// Keeps the heaviest `count` tokens.
    mutating func topK(_ count: Int) {
        guard count > 0, count < scratch.weights.count else { return }
        raise(count: count, mass: .infinity, ignoring: scratch.weight(reachedBy: count))
    }

    /// Keeps the heaviest tokens that together hold `share` of what earlier filters left.
    mutating func topP(_ share: Float) {
        guard share < 1 else { return }
        // What weighs less than an equal part of the rest cannot be needed: all of it together is not the rest.
        let floor = Float((1 - Double(share)) * mass / Double(scratch.weights.count)) * 0.999
        raise(count: .max, mass: Double(share) * mass, ignoring: floor)
    }

    /// Keeps tokens that weigh at least `fraction` of the heaviest.
    mutating func minP(_ fraction: Float) {
        guard fraction > cutoff else { return }
        cutoff = fraction
        var rest = 0.0
        scratch.weights.withUnsafeBufferPointer { weights in
            weights.scan(least: fraction) { _, weight in
                rest += Double(weight)
                return true
            }
        }
        mass = rest
    }

    /// Raises `cutoff` to the weight at which, from the heaviest down, `count` tokens or `mass` are reached.
    ///
    /// A radix selection: weights lie in 0...1, where the bits of a float sort like the float; three digits of 11 bits tell
    /// the exact weight. Each digit leaves only the weights that share it in doubt.
    private mutating func raise(count: Int, mass: Double, ignoring floor: Float = 0) {
        var reached = Scratch.Tally(), bits: UInt32 = 0
        scratch.doubt(from: max(cutoff, floor))
        for shift: UInt32 in [19, 8, 0] {
            scratch.tally(shift)
            guard let digit = scratch.digit(count: count, mass: mass, past: &reached) else { return }
            bits |= UInt32(digit) << shift
            scratch.doubt(digit, shift)
            self.mass = shift == 0 ? reached.mass + scratch.tallies[digit].mass : self.mass
        }
        cutoff = Float(bitPattern: bits)
    }
}
