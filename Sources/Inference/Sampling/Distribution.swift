import Foundation

/// The weights of the tokens that may be drawn, the heaviest 1, and the weight below which filters dropped them.
///
/// Every filter is a threshold, so nothing is ever sorted: a filter raises `cutoff`, and tokens that tie with it stay.
/// Where the filters to come leave few, the others are never weighed.
package struct Distribution {
    private let scratch: Scratch
    private(set) var cutoff = Float.leastNonzeroMagnitude
    private(set) var mass: Double
    /// Whether a filter dropped any token yet.
    private var isFiltered: Bool { cutoff > .leastNonzeroMagnitude }

    /// Weighs each token that may pass the filters by exp((logit - peak) / temperature); nil if the logits are not
    /// numbers.
    init?(_ logits: Logits, _ sampling: Sampling, scratch: Scratch) {
        guard let peak = scratch.survey(logits) else { return nil }
        self.scratch = scratch
        let factor = min(1 / sampling.temperature, .greatestFiniteMagnitude)
        let floor = Self.floor(sampling, peak: peak, factor: factor, scratch)
        mass = scratch.weigh(logits, peak: peak, factor: factor, floor: floor)
    }

    /// A logit that every token has at least which passes the filters; nil: top-p needs the sum of all.
    private static func floor(
        _ sampling: Sampling,
        peak: Float,
        factor: Float,
        _ scratch: Scratch
    ) -> Float? {
        var least: Double?
        if sampling.topK > 0, sampling.topK < scratch.vocabulary, let logit = scratch.logit(reachedBy: sampling.topK) {
            least = (Double(logit) - Double(peak)) * Double(factor)
        }
        if sampling.minP > .leastNonzeroMagnitude, sampling.topP >= 1 {
            least = max(least ?? -.infinity, log(Double(sampling.minP)))
        }
        guard let least else { return nil }
        // Tokens whose weights tie, and what rounding makes of differences and exponentials, lie within a
        // ten-thousandth.
        let logit = Double(peak) + (least - 1e-4) / Double(factor)
        return Float(max(logit - 1e-6 * (abs(logit) + abs(Double(peak))), -Double(Float.greatestFiniteMagnitude)))
    }

    /// Draws the token at `chance` (0..<1) of the remaining mass, in the order of ids.
    func draw(_ chance: Double) -> Int {
        let goal = chance * mass, (first, skipped) = isFiltered ? (0, 0) : scratch.part(reaching: goal)
        let place = scratch.withWeights { weights in
            var sum = skipped, last = first
            weights.scan(from: first, least: cutoff) { place, weight in
                sum += Double(weight)
                last = place
                return sum <= goal
            }
            return last
        }
        return scratch.id(at: place)
    }
}

extension Distribution {
    /// Keeps the heaviest `count` tokens.
    mutating func topK(_ count: Int) {
        guard count > 0, count < scratch.vocabulary else { return }
        raise(count: count, mass: .infinity)
    }

    /// Keeps the heaviest tokens that together hold `share` of what earlier filters left.
    mutating func topP(_ share: Float) {
        guard share < 1 else { return }
        // What weighs less than an equal part of the rest cannot be needed: all of it together is not the rest.
        let floor = Float((1 - Double(share)) * mass / Double(scratch.count)) * 0.999
        raise(count: .max, mass: Double(share) * mass, ignoring: floor)
    }

    /// Keeps tokens that weigh at least `fraction` of the heaviest.
    mutating func minP(_ fraction: Float) {
        guard fraction > cutoff else { return }
        cutoff = fraction
        mass = scratch.withWeights { weights in
            var rest = 0.0
            weights.scan(least: fraction) { _, weight in
                rest += Double(weight)
                return true
            }
            return rest
        }
    }

    /// Raises `cutoff` to the weight at which, from the heaviest down, `count` tokens or `mass` are reached.
    private mutating func raise(count: Int, mass: Double, ignoring floor: Float = 0) {
        guard let found = scratch.select(from: max(cutoff, floor), count: count, mass: mass) else { return }
        (cutoff, self.mass) = (found.weight, found.mass)
    }
}
