import Foundation

/// How YaRN (Peng et al. 2023) stretches rotary frequencies: short waves stay, long ones are stretched, those between blended.
public struct RotaryStretch: Sendable {
    let factor: Double, original: Int, turns: (fast: Double, slow: Double), isCut: Bool

    /// - Parameters:
    ///   - original: the context of the training.
    ///   - turns: waves that turn more often in it stay, those that turn less often are stretched whole.
    ///   - isCut: whether the bounds between them are whole numbers.
    public init(factor: Double, original: Int, turns: (fast: Double, slow: Double), isCut: Bool) {
        (self.factor, self.original, self.turns, self.isCut) = (factor, original, turns, isCut)
    }

    public func callAsFunction(_ frequencies: [Double], base: Double) -> [Double] {
        let width = 2 * frequencies.count
        func place(_ turns: Double) -> Double {
            Double(width) * log(Double(original) / (turns * 2 * .pi)) / (2 * log(base))
        }
        let first = place(turns.fast), last = place(turns.slow)
        let low = max(isCut ? first.rounded(.down) : first, 0)
        let high = min(isCut ? last.rounded(.up) : last, Double(width - 1))
        let span = high == low ? 0.001 : high - low
        return frequencies.enumerated().map { index, frequency in
            let stretch = min(max((Double(index) - low) / span, 0), 1)
            return frequency / factor * stretch + frequency * (1 - stretch)
        }
    }

    /// What makes up for the longer context: `0.1 · scale · log(factor) + 1`.
    public func sharpness(_ scale: Double) -> Double { factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1 }
}

/// What LongRoPE (Ding et al. 2024) multiplies turned coordinates by in a context `ratio` times the original.
public func longRoPEMagnitude(ratio: Double, original: Int) -> Float {
    ratio > 1 && original > 1 ? Float((1 + log(ratio) / log(Double(original))).squareRoot()) : 1
}

/// The base that stretches a head's longest wave `alpha` times and its shortest not at all ("NTK-aware", bloc97 2023).
public func stretchedBase(_ base: Double, by alpha: Double, width: Int) -> Double {
    base * pow(alpha, Double(width) / Double(max(1, width - 2)))
}
