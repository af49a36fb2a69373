/// Uniform numbers by position: the same seed and index give the same number, whoever asks and whatever was asked before.
///
/// SplitMix64 (Steele, Lea & Flood 2014) started at the mixed seed.
package struct Chance: Sendable {
    private let start: UInt64

    package init(seed: UInt64) { start = Self.mixed(seed &+ 0x9e37_79b9_7f4a_7c15) }

    /// A number in 0..<1.
    package subscript(index: Int) -> Double {
        let bits = Self.mixed(start &+ UInt64(bitPattern: Int64(index &+ 1)) &* 0x9e37_79b9_7f4a_7c15)
        return Double(bits >> 11) * 0x1p-53
    }

    /// Another number for the same index, independent of the first.
    package func again(_ index: Int) -> Double { self[~index] }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
