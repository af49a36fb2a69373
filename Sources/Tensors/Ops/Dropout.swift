/// What is left out in one place of a network, in one step of training (Srivastava et al. 2014).
///
/// Each element of a tensor is zero with probability `rate`, and the others are divided by what is left, so that the mean stays.
/// Which elements these are is a function of the key and of their index: the same whenever it is worked out, whatever the number
/// of threads, and nothing is remembered for the gradient.
public struct Dropout: Sendable, Hashable {
    public let rate: Float, key: UInt64

    /// Leaves nothing out.
    public static let none = Dropout(rate: 0, key: 0)

    /// - Parameter rate: the share that is left out, from 0 to below 1.
    public init(rate: Float, key: UInt64) {
        precondition(rate >= 0 && rate < 1, "a share of \(rate) cannot be dropped")
        (self.rate, self.key) = (rate, key)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard rate > 0 else { return x }
        // Where the input must be remembered, so must the result: making it again would hold both.
        let again = x.again.map { elements in { masked(elements()) } }
        return masked(x).made(from: [x], again: again) { [masked($0)] }
    }

    private func masked(_ x: Tensor) -> Tensor {
        let source = x.floats, limit = UInt32(Double(rate) * 0x1p32), factor = 1 / (1 - rate)
        return Tensor(x.shape) { target in
            parallel(rows: (x.shape.elements + 1) / 2, grain: 8192) { pairs, _ in
                for pair in pairs {
                    let bits = random(UInt64(pair))
                    target[2 * pair] = UInt32(truncatingIfNeeded: bits) < limit ? 0 : source[2 * pair] * factor
                    guard 2 * pair + 1 < x.shape.elements else { continue }
                    target[2 * pair + 1] = UInt32(bits >> 32) < limit ? 0 : source[2 * pair + 1] * factor
                }
            }
            withExtendedLifetime(x) {}
        }
    }

    /// The bits at an index: SplitMix64 (Steele, Lea & Flood 2014) entered at that place.
    private func random(_ index: UInt64) -> UInt64 {
        var z = key &+ (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
