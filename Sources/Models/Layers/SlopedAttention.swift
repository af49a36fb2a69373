import Checkpoints
import Tensors

/// Attention whose scores fall with the distance, each head's by a slope of its own, instead of positions (ALiBi, Press et al. 2022).
///
/// Up to a number that is the same for all that a row sees, the distance's part of a score is the slope times the key's position. Keys
/// have their position in two coordinates more, as `1024 a + b`, which halves hold exactly; queries have the slopes there.
struct SlopedAttention: Mixing {
    /// One map for queries, keys and values, or three.
    private let inputs: Linear.Several, output: Linear, slopes: [Float], layer: Int, headWidth: Int

    /// Coordinates added, which keep heads a multiple of what the cache keeps.
    private static let added = 16

    /// - Parameter packed: what the family calls the one map; nil for three.
    init(_ c: Llama.Configuration, layer: Int, packed: String?, _ w: Weights) throws {
        let width = c.heads * c.headWidth
        inputs = .init(
            try packed.map { [try Linear(c.width, 3 * width, bias: c.bias.queries, w[$0])] }
                ?? ["q_proj", "k_proj", "v_proj"].map { try Linear(c.width, width, bias: c.bias.queries, w[$0]) }
        )
        output = try Linear(width, c.width, bias: c.bias.output, w["o_proj"])
        (slopes, self.layer, headWidth) = (Self.slopes(c.heads), layer, c.headWidth)
    }

    static func cacheShape(_ c: Llama.Configuration) throws -> CacheShape {
        guard c.kvHeads == c.heads else {
            let expected = "the \(c.heads) attention heads, as each has a slope"
            throw CheckpointError.setting(key: "num_key_value_heads", value: "\(c.kvHeads)", expected: expected)
        }
        guard CacheShape.keeps(headWidth: c.headWidth + added) else {
            let expected = "a multiple of 16, at most \(CacheShape.mostHeadWidth - added)"
            throw CheckpointError.setting(key: "head_dim", value: "\(c.headWidth)", expected: expected)
        }
        return CacheShape(layers: c.layers, kvHeads: c.heads, headWidth: c.headWidth + added, isExact: true)
    }

    /// Powers of 2⁻⁸ᐟⁿ; where n is no power of two, those of the power below, and every other of those of the power above.
    static func slopes(_ heads: Int) -> [Float] {
        func powers(_ count: Int) -> [Float] {
            let first = (0..<count.trailingZeroBitCount).reduce(1.0 / 256) { root, _ in root.squareRoot() }
            return (1..<count).reduce(into: [first]) { $0.append($0[$1 - 1] * first) }.map { Float($0) }
        }
        let below = 1 << (Int.bitWidth - 1 - heads.leadingZeroBitCount)
        guard below < heads else { return powers(heads) }
        let others = powers(2 * below).enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        return powers(below) + others.prefix(heads - below)
    }

    var takesBytes: Bool { inputs.takesBytes }

    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
        let maps = inputs(x), y = maps.count == 1 ? split(maps[0], into: 3) : maps
        let scale = 1 / Float(headWidth).squareRoot()
        let places = batch.positions.map { [Float($0 / 1024), Float($0 % 1024)] }
        let q = extended(y[0], batch) { _, head in [slopes[head] * 1024 / scale, slopes[head] / scale] }
        let k = extended(y[1], batch) { row, _ in places[row] }
        let v = extended(y[2], batch) { _, _ in [0, 0] }
        let seen = batch.attend(q, k, v, layer: layer, scale: scale)
            .reshaped(batch.count * slopes.count, headWidth + Self.added)
        return output(split(seen, widths: [headWidth, Self.added])[0].reshaped(batch.count, -1))
    }

    /// Each head of each row with coordinates more.
    private func extended(_ x: Tensor, _ batch: Batch, _ values: (_ row: Int, _ head: Int) -> [Float]) -> Tensor {
        var more = [Float](repeating: 0, count: batch.count * slopes.count * Self.added)
        for place in 0..<batch.count * slopes.count {
            let own = values(place / slopes.count, place % slopes.count)
            more.replaceSubrange(place * Self.added..<place * Self.added + own.count, with: own)
        }
        let heads = x.reshaped(batch.count * slopes.count, headWidth)
        return joined([heads, Tensor(more, shape: [batch.count * slopes.count, Self.added])])
            .reshaped(batch.count, slopes.count, -1)
    }
}
