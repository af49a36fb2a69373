import CKernels
import Foundation

/// The cosine and sine of each position's rotation, worked out once and used by every layer and head.
public struct RotaryAngles: Sendable {
    /// Each `[positions, half]`.
    let cosine, sine: Tensor

    private init(cosine: Tensor, sine: Tensor) { (self.cosine, self.sine) = (cosine, sine) }

    var reversed: RotaryAngles { RotaryAngles(cosine: cosine, sine: sine * -1) }

    /// - Parameter frequencies: radians per position for each pair of coordinates, outermost first.
    public init(positions: [Int32], frequencies: [Double], magnitude: Float = 1) {
        let half = frequencies.count
        let (cosine, sine) = (Storage(positions.count * half * 4), Storage(positions.count * half * 4))
        let c = cosine.bytes.assumingMemoryBound(to: Float.self), s = sine.bytes.assumingMemoryBound(to: Float.self)
        parallel(rows: positions.count, grain: 16) { rows, _ in
            for row in rows {
                for i in 0..<half {
                    let angle = Double(positions[row]) * frequencies[i]
                    c[row * half + i] = Float(cos(angle)) * magnitude
                    s[row * half + i] = Float(sin(angle)) * magnitude
                }
            }
        }
        self.cosine = Tensor([positions.count, half], .float32, cosine)
        self.sine = Tensor([positions.count, half], .float32, sine)
    }
}

/// Rotates each head of `x` `[positions, heads, width]` by its position (Su et al. 2021).
///
/// Coordinate `i` is paired with `i + width / 2`, as in Hugging Face's models.
public func rotary(_ x: Tensor, _ angles: RotaryAngles) -> Tensor {
    let heads = x.shape[1], width = x.shape[2], half = width / 2
    precondition(angles.cosine.shape == [x.shape[0], half], "rotary: angles \(angles.cosine.shape) for \(x.shape)")
    let (source, c, s) = (x.floats, angles.cosine.floats, angles.sine.floats)
    let y = Tensor(x.shape) { target in
        parallel(rows: x.shape[0], grain: max(1, 16384 / (heads * width))) { rows, _ in
            for row in rows {
                for head in 0..<heads {
                    let at = (row * heads + head) * width
                    Kernel.table.rotate(target + at, source + at, c + row * half, s + row * half, half)
                }
            }
        }
    }
    return y.made(from: [x]) { [rotary($0, angles.reversed)] }  // a rotation's transpose turns back
}

/// Radians per position of each pair of coordinates: `base^(-2i / width)`, for `i < width / 2` (Su et al. 2021).
public func rotaryFrequencies(width: Int, base: Double) -> [Double] {
    (0..<width / 2).map { pow(base, -2 * Double($0) / Double(width)) }
}
