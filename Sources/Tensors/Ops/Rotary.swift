import CKernels
import Foundation

/// Which coordinates turn together.
public enum RotaryPairing: Sendable {
    /// `i` with `i + half`, as in most models of the Hub.
    case halves
    /// `2i` with `2i + 1`, as in the paper.
    case neighbours
}

/// The cosine and sine of each position's rotation, worked out once and used by every layer and head.
public struct RotaryAngles: Sendable {
    /// Each `[positions, half]`.
    let cosine, sine: Tensor
    let pairing: RotaryPairing

    private init(cosine: Tensor, sine: Tensor, _ pairing: RotaryPairing) {
        (self.cosine, self.sine, self.pairing) = (cosine, sine, pairing)
    }

    var reversed: RotaryAngles { RotaryAngles(cosine: cosine, sine: sine * -1, pairing) }

    /// - Parameters:
    ///   - frequencies: radians per position for each pair of coordinates, outermost first.
    ///   - magnitude: what the turned coordinates are multiplied by.
    public init(
        positions: [Int32],
        frequencies: [Double],
        magnitude: Float = 1,
        pairing: RotaryPairing = .halves
    ) {
        self.pairing = pairing
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

/// Rotates each head of `x` `[positions, heads, width]` by its position (Su et al. 2021): twice as many of its first coordinates as
/// there are angles; the others stay. In place where nobody else has `x`, and asks for no gradient.
public func rotary(_ x: consuming Tensor, _ angles: RotaryAngles) -> Tensor {
    precondition(
        angles.cosine.shape[0] == x.shape[0] && 2 * angles.cosine.shape[1] <= x.shape[2],
        "rotary: angles \(angles.cosine.shape) for \(x.shape)"
    )
    guard x.isTracked else {
        let shape = x.shape
        x.change { turn(shape, $0.baseAddress!, angles) }
        return x
    }
    // A rotation's transpose turns back.
    return rotary(x.detached, angles).made(from: [x]) { [rotary($0, angles.reversed)] }
}

private func turn(_ shape: Shape, _ x: UnsafeMutablePointer<Float>, _ angles: RotaryAngles) {
    let heads = shape[1], width = shape[2], half = angles.cosine.shape[1]
    let (c, s) = (angles.cosine.floats, angles.sine.floats)
    parallel(rows: shape[0], grain: max(1, 16384 / max(1, heads * width))) { rows, _ in
        for row in rows {
            for head in (row * heads..<(row + 1) * heads).lazy.map({ x + $0 * width }) {
                turn(head, c + row * half, s + row * half, half, angles.pairing)
            }
        }
    }
    withExtendedLifetime(angles) {}
}

private func turn(
    _ x: UnsafeMutablePointer<Float>,
    _ cosine: UnsafePointer<Float>,
    _ sine: UnsafePointer<Float>,
    _ half: Int,
    _ pairing: RotaryPairing
) {
    guard pairing == .neighbours else { return Kernel.table.rotate(x, x, cosine, sine, half) }
    for i in 0..<half {
        let (a, b) = (x[2 * i], x[2 * i + 1])
        x[2 * i] = a * cosine[i] - b * sine[i]
        x[2 * i + 1] = b * cosine[i] + a * sine[i]
    }
}

/// Radians per position of each pair of coordinates: `base^(-2i / width)`, for `i < width / 2` (Su et al. 2021).
public func rotaryFrequencies(width: Int, base: Double) -> [Double] {
    (0..<width / 2).map { pow(base, -2 * Double($0) / Double(width)) }
}
