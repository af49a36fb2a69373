import Tensors

/// The weights of all tokens, the heaviest 1, and the weight below which filters dropped them.
///
/// Every filter is a threshold, so nothing is ever sorted: a filter raises `cutoff`, and tokens that tie with it stay.
package struct Distribution {
    private let scratch: Scratch
    private(set) var cutoff = Float.leastNonzeroMagnitude
    private(set) var mass = 0.0

    /// Weighs each token by exp((logit - peak) / temperature).
    init(_ logits: Logits, peak: Float, temperature: Float, scratch: Scratch) {
        self.scratch = scratch
        scratch.fit(logits.count)
        let factor = min(1 / temperature, .greatestFiniteMagnitude)
        mass = scratch.weights.withUnsafeMutableBufferPointer { weights in
            expSum(logits, shift: peak, factor: factor, into: weights)
        }
    }

    /// Draws the token at `chance` (0..<1) of the remaining mass, in the order of ids.
    func draw(_ chance: Double) -> Int {
        let goal = chance * mass, cutoff = cutoff
        return scratch.weights.withUnsafeBufferPointer { weights in
            var sum = 0.0, last = 0
            for (id, weight) in weights.enumerated() where weight >= cutoff {
                sum += Double(weight)
                last = id
                if sum > goal { break }
            }
            return last
        }
    }
}

extension Distribution {
    /// Keeps the heaviest `count` tokens.
    mutating func topK(_ count: Int) {
        guard count > 0, count < scratch.weights.count else { return }
        raise(count: count, mass: .infinity)
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
        mass = scratch.weights.reduce(into: 0.0) { if $1 >= fraction { $0 += Double($1) } }
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
