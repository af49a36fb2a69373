import Foundation

/// eˣ in sixteen lanes for x ≤ 0, within 2 units in the last place; 0 for anything below -87.
///
/// The reduction x = n·ln 2 + r of Cody & Waite (1980) and the Taylor series on |r| ≤ ln 2 / 2.
@inline(__always)
func exponential(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let bounded = x.replacing(with: -87, where: x .< -87)
    let shifted = bounded * 1.442_695_04 + 12_582_912  // adding 1.5·2²³ rounds to an integer, kept in the low bits
    let n = shifted - 12_582_912
    let r = (bounded - n * 0.693_359_375) - n * -2.121_944_4e-4
    var p = r * (1 / 5040) + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = (p * r) * r + r + 1
    let exponent = SIMD16<Int32>(truncatingIfNeeded: unsafeBitCast(shifted, to: SIMD16<UInt32>.self)) &<< 23
    let y = unsafeBitCast(unsafeBitCast(p, to: SIMD16<Int32>.self) &+ exponent, to: SIMD16<Float>.self)
    return y.replacing(with: 0, where: x .< -87)
}

func exponential(_ x: Float) -> Float { exponential(SIMD16(repeating: x))[0] }

func logarithm(_ x: Double) -> Double { log(x) }
