import Synchronization
public import Tensors

/// Draws every tensor it is asked for, and remembers it.
///
/// What a name gets depends on the seed and the name, not on the order of asking.
public final class RandomWeights: WeightSource {
    private let seed: UInt64
    private let drawn = Mutex<[String: Tensor]>([:])

    public init(seed: UInt64) { self.seed = seed }

    /// All tensors drawn so far.
    public var tensors: [String: Tensor] { drawn.withLock { $0 } }

    public func tensor(_ name: String, _ fresh: Initializer?) -> Tensor? {
        drawn.withLock { drawn in
            if let known = drawn[name] { return known }
            guard let fresh else { return nil }
            var random = SplitMix(state: seed ^ fingerprint(name))
            let scalars = (0..<fresh.shape.elements).map { _ in fresh.value + random.next() * fresh.bound }
            let tensor = Tensor(scalars, shape: fresh.shape)
            drawn[name] = tensor
            return tensor
        }
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014), giving floats in [-1, 1).
private struct SplitMix {
    var state: UInt64

    mutating func next() -> Float {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Float((z ^ (z >> 31)) >> 40) / Float(1 << 23) - 1
    }
}

/// FNV-1a: the same in every process, unlike Swift's seeded hashes.
func fingerprint(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
